import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('ar')
const decisions = (many: number) => n(many, { zero: 'لا قرارات', one: 'قرار واحد', two: 'قراران', few: '# قرارات', many: '# قرارًا', other: '# قرار' })
const outcomes = (many: number) => n(many, { zero: 'لا نتائج', one: 'نتيجة واحدة', two: 'نتيجتين', few: '# نتائج', many: '# نتيجة', other: '# نتيجة' })
const lists = (many: number) => n(many, { one: 'قائمة واحدة', two: 'قائمتين', few: '# قوائم', many: '# قائمة', other: '# قائمة' })
/** Names of models and numbers run from left to right. */
const own = (name: string) => `\u2066${name}\u2069`
const person = (name: string) => `\u2068${name}\u2069`

export const words: Words = {
  title: 'النموذج',
  note: 'ما تعلّمه المتجر عمّن يأخذ أي عرض. يُحكم عليه بالقرارات التي انقضت مهلتها، ويعود من تلقاء نفسه إلى إصدار أقدم كان سيعرف أفضل.',
  states: { none: 'لم يتعلّم شيئًا بعد', learning: 'يتعلّم', pinned: 'مثبّت', back: 'أُعيد' },

  hold: {
    pinned: (by, model) => `ثبّت ${person(by)} ${own(model)}`,
    back: (model) => `عاد النموذج إلى ${own(model)}`,
    since: (ago, reason) => `${ago}: ${person(reason)}.`,
    beside: (many) => `لا يتعلّم ما دام مستخدمًا. وما يتعلّم إلى جانبه استوعب ${outcomes(many)}.`,
    besideWatched: (many) => `لا يتعلّم ما دام مستخدمًا. وما يتعلّم إلى جانبه استوعب ${outcomes(many)}، وسيُستخدم من جديد حين يثبت جدارته.`,
    useLine: 'استخدم ما يتعلّم',
    asked: (by, model) => `طلب ${person(by)} ${own(model)}؛ ينفّذ المتعلّم ذلك خلال ثوانٍ إن كان يعمل.`,
    askedLine: (by) => `طلب ${person(by)} ما يتعلّم؛ ينفّذ المتعلّم ذلك خلال ثوانٍ إن كان يعمل.`,
  },

  tiles: {
    inUse: 'المستخدم',
    as: (model) => `كما كان ${own(model)}`,
    learning: 'وهو يتعلّم',
    none: 'لم يُتعلّم شيء بعد',
    learned: 'تعلّم من',
    outcomes: (many) => n(many, { one: 'نتيجة بعد انقضاء مهلتها', two: 'نتيجتين بعد انقضاء مهلتيهما', few: 'نتائج بعد انقضاء مهلها', other: 'نتيجة بعد انقضاء مهلها' }),
    expected: 'المتوقع والمأخوذ',
    ofLast: (many) => n(many, { one: 'من القرار الأخير', two: 'من آخر قرارين', few: 'من آخر # قرارات', many: 'من آخر # قرارًا', other: 'من آخر # قرار' }),
    noWindow: 'لم تنقضِ أي مهلة بعد',
    surprise: 'المفاجأة، آخر فوج',
    nats: 'نات لكل قرار؛ والأقل أفضل',
  },

  own: {
    title: 'نماذج خاصة',
    none: 'لا تستطيع أي حملة بعد أن تسمّي نموذجًا خاصًا',
    noneMore: 'تسردها الإعدادات تحت \u2066decider.models\u2069. وحيث لا يجيب أحدها يجيب نموذج المتجر.',
    model: 'النموذج',
    state: 'الحالة',
    answered: 'أجاب',
    failed: 'فشل',
    notAsked: 'لم يُسأل',
    mean: 'المتوسط',
    slowest: 'الأبطأ مؤخرًا',
    breakers: { closed: 'يُسأل', open: 'لا يُسأل: فشل', half_open: 'قيد المحاولة' },
  },

  plots: {
    label: 'مدى معرفته',
    none: 'لا شيء يُحكم به بعد',
    noneMore: 'ما نتج عن عرض يُحسب حين تنقضي مهلته، أُخذ أم لم يؤخذ. وحتى ذلك الحين لا يعرف أحد مدى معرفة النموذج.',
    surpriseLabel: 'المفاجأة حسب الفوج',
    surprise: 'المفاجأة',
    model: 'النموذج',
    rate: 'من لا يعرف إلا النسبة',
    chart: (cohorts, last, rate) => `متوسط المفاجأة في ${n(cohorts, { one: 'فوج واحد', two: 'فوجين', few: '# أفواج', many: '# فوجًا', other: '# فوج' })}، بالنات لكل قرار؛ الأخير ${own(last)}، ولمن لا يعرف إلا النسبة ${own(rate)}`,
    note: 'كل نقطة فوج من القرارات التي انقضت مهلها، بالنات لكل قرار. تحت الخط الثاني يعرف النموذج أكثر من عدد من يأخذون عرضًا.',
    asTable: 'الشيء نفسه في جدول',
    until: 'حتى',
    models: 'النماذج',
    decisions: 'القرارات',
    expected: 'المتوقع',
    taken: 'المأخوذ',
    to: ' إلى ',
    calibration: 'المعايرة',
    calibrationNote: 'من العروض التي توقّع أن تؤخذ بهذا القدر أُخذ هذا القدر؛ والأعمدة هي ما تسمح به المصادفة (95 %). على الخط المتقطع يقول النموذج ما هو كائن.',
    calibrationLabel: (points) => `المعايرة: ${points.join('؛ ')}`,
    point: (expected, taken, of) => `المتوقع ${expected}، والمأخوذ ${taken} من ${of}`,
    xAxis: 'المتوقع أخذه',
    yAxis: 'المأخوذ',
  },

  versions: {
    title: 'إصدارات أقدم',
    note: 'محفوظة للمقارنة بها والعودة إليها',
    none: 'لا إصدار محفوظًا بعد',
    noneMore: 'يُحفظ الأول حين تُتعلّم أربعة أفواج.',
    version: 'الإصدار',
    kept: 'حُفظ',
    learned: 'تعلّم من',
    compared: 'قورن في',
    loss: 'مفاجأته',
    inUseLoss: 'ما كان مستخدمًا',
    inUse: 'مستخدم',
    use: (model) => `استخدم ${own(model)}`,
    useThis: 'استخدم هذا',
    decisions,
  },

  turns: {
    title: 'ما حدث',
    none: 'لا شيء بعد',
    noneMore: 'حين يعود النموذج إلى إصدار أقدم، أو يستخدم أحد إصدارًا آخر، يُذكر ذلك هنا مع السبب.',
    change: (from, to, reason) => `${own(`${from} → ${to}`)}: ${person(reason)}`,
    rolledBack: (model) => `عاد من تلقاء نفسه إلى ${own(model)}`,
    resumed: 'عاد ما يتعلّم إلى الاستخدام بعد أن أثبت جدارته',
    somebody: 'شخص ما',
    pinned: (by, model) => `استخدم ${person(by)} ${own(model)}`,
    released: (by) => `أعاد ${person(by)} ما يتعلّم إلى الاستخدام`,
  },

  lists: {
    title: 'قوائم الصفحات',
    since: (version, ago) => `${own(version)}، ${ago}`,
    trained: (many, trial) => `أشجار تدرّبت على ${lists(many)} ترتّب ما تطلبه الصفحات. وعلى أحدث ${lists(trial)} أُخذ منها شيء ولم تتدرّب عليها تبلغ \u2066NDCG@10\u2069 قدره `,
    before: (ndcg) => `؛ وما كان مستخدمًا قبلها بلغ ${ndcg}.`,
    none: 'يرتّبها نموذج المتجر',
    noneMore: 'حيث تطلب الصفحات عروضًا تتعلّم أشجار مما شوهد وأُخذ، وتتولى الأمر حين ترتّب القوائم بجودة لا تقل عنه.',
    tried: (ago) => `آخر محاولة ${ago}.`,
    states: { training: 'قيد التدريب', in_use: 'مستخدم', too_few: 'القوائم قليلة بعد', worse: 'أسوأ: لا يُستخدم', failed: 'فشل' },
    inUse: (version) => `رتّب ${own(version)} أحدث القوائم بجودة لا تقل عما كان مستخدمًا، وحلّ محله.`,
    it: 'النموذج الجديد',
    worse: (ndcg, before) => `رتّب أحدث القوائم أسوأ مما هو مستخدم، فبقي المستخدم: \u2066NDCG@10\u2069 قدره ${ndcg} مقابل ${before}.`,
    fewTaken: (many) => `من أحدث القوائم أُخذ شيء من ${many}: وهذا أقل من أن يُعرف هل يجاري ما هو مستخدم.`,
    fewSeen: (seen, taken) => `القوائم المشاهدة: ${seen}. العروض المأخوذة منها: ${taken}. والمطلوب 50 من كل منهما.`,
    unknown: 'لا أحد يعرف السبب.',
    running: 'يُذكر ما نتج عنه هنا حين ينتهي.',
  },

  drift: {
    title: 'انحراف المدخلات',
    note: 'ألفا قرار مقابل ما قبلها؛ ولا يُفعل شيء بسببه',
    feature: 'السمة',
    index: 'مؤشر الاستقرار',
    change: 'التغيّر',
    steady: 'مستقر',
    some: 'بعض التغيّر',
    much: 'كثير',
  },

  turning: {
    useLine: 'استخدم ما يتعلّم',
    useLineMore: 'ما تعلّم إلى جانبه يقرّر من الآن، ويُراقَب من جديد.',
    useMore: 'يقرّر من الآن ولا يتعلّم، إلى أن يعيد أحد ما يتعلّم إلى الاستخدام. ولا تفعل المراقبة شيئًا في هذه الأثناء.',
    reason: 'السبب',
    reasonMore: 'يُسجَّل مع اسمك.',
    cancel: 'إلغاء',
    close: 'إغلاق',
    use: 'استخدامه',
    told: 'أُبلغ المتعلّم.',
  },
}
