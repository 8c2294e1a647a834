import { plurals } from '../language'
import type { Spoken } from '.'

const n = plurals('ar')
const offers = (many: number) => n(many, { one: 'عرض واحد', two: 'عرضان', few: '# عروض', many: '# عرضًا', other: '# عرض' })

export const ar: Spoken = {
  triggers: {
    page_viewed: 'شاهد صفحة',
    product_searched: 'بحث في المتجر الإلكتروني',
    product_list_viewed: 'شاهد قائمة منتجات',
    product_viewed: 'شاهد منتجًا',
    product_added: 'وضع شيئًا في السلة',
    product_removed: 'أخرج شيئًا من السلة',
    cart_viewed: 'شاهد السلة',
    checkout_started: 'بدأ الدفع على الموقع',
    order_completed: 'اشترى شيئًا',
    identified: 'عرّف بنفسه',
    consent_changed: 'غيّر موافقة',
    recognised: 'تعرّفت عليه كاميرا',
    zone_entered: 'دخل منطقة',
    zone_dwelled: 'بقي في منطقة',
    zone_left: 'غادر منطقة',
    checked_in: 'سجّل حضوره بالتطبيق',
    device_lent: 'الهاتف أو البطاقة مع شخص آخر',
    offer_placed: 'طلبته صفحة أو شاشة',
    offer_viewed: 'شاهد عرضًا',
    offer_clicked: 'فتح عرضًا',
    offer_redeemed: 'استخدم عرضًا',
    scenario_completed: 'أكمل سيناريو',
    timer_due: 'مضى الوقت',
  },
  exclusions: {
    late: 'جاء متأخرًا',
    schedule: 'ليس في هذا الوقت',
    consent: 'لا موافقة',
    lent: 'الهاتف مُعار',
    quiet_zone: 'منطقة هادئة',
    eligibility: 'ليس لهذا المتسوّق',
    applicability: 'لا يناسب الآن',
    suitability: 'الأفضل ألّا يُقدَّم',
    excluded: 'ليس أثناء سيناريو',
    cap: 'ناله بما يكفي',
    cooldown: 'نال واحدًا مؤخرًا',
    rule_error: 'تعطّلت قاعدته',
    holdout: 'مستبعد للقياس',
    split: 'يبقى على عرض آخر منها',
    representation: 'غير معدّ لذلك الموضع',
    shown: 'عُرض من قبل',
    budget: 'نفدت الميزانية',
  },
  refusals: {
    consent: 'لم يوافق المتسوّق على هذه القناة.',
    cap: 'وصل المتسوّق إلى أقصى عدد من الرسائل.',
    quiet_hours: 'هذه ساعات الهدوء في المتجر.',
    no_address: 'لا يُعرف رقم أو تطبيق لإرساله إليه.',
    expired: 'انتهى العرض قبل أن يُرسل.',
    replaced: 'حلّ مكانه عرض أفضل.',
    contacts: 'أُزعج المتسوّق اليوم بما يكفي.',
    stock: 'وُزّع كل ما كان متوفرًا.',
    budget: 'نفدت ميزانية الحملة.',
    campaign: 'لم تعد الحملة جارية.',
    text: 'يطلب النص شيئًا غير معروف عن المتسوّق.',
  },
  deliveries: { claimed: 'قيد الإرسال', sent: 'أُرسل', delivered: 'وصل', failed: 'فشل', refused: 'رُفض', held: 'معلّق' },
  purposes: { push: 'العروض في التطبيق', sms: 'الرسائل النصية', email: 'البريد الإلكتروني', search: 'استخدام البحث على الموقع', location: 'المكان في المتجر', face: 'التعرّف بالكاميرا' },
  sensors: { camera: 'كاميرا', beacon: 'بطاقة', app: 'تطبيق', till: 'صندوق' },
  zoneKinds: { sales: 'بيع', entrance: 'مدخل', checkout: 'صناديق الدفع', quiet: 'هادئة: لا يُرسل شيء' },
  channels: { sms: 'رسالة نصية', app: 'التطبيق', push: 'إشعار', email: 'البريد الإلكتروني', webhook: 'خطاف ويب' },
  health: { ok: 'تعمل', quiet: 'هادئة', lost: 'مفقودة', unknown: 'لم تُسمع قط' },
  verdicts: { no_offer: 'لا عرض', held_out: 'مستبعد', offered: 'عُرض', redeemed: 'استُخدم', decided: 'تقرّر' },

  units: {
    ms: (n) => `${n} م.ث`,
    s: (n) => `${n} ث`,
    min: (n) => `${n} د`,
    h: (n) => `${n} س`,
    days: (days) => n(days, { one: 'يوم واحد', two: 'يومان', few: '# أيام', many: '# يومًا', other: '# يوم' }),
    pt: (n) => `${n} نقطة`,
    now: 'الآن',
    ago: (span) => `قبل ${span}`,
  },

  failed: 'لم ينجح ذلك.',
  again: 'حاول مرة أخرى',
  problem: (status) => {
    if (status === 0) return 'الخادم لا يجيب. تأكد من أنه يعمل ومن أن هذا الجهاز متصل؛ ستحاول الصفحة مجددًا من تلقاء نفسها.'
    if (status === 401) return 'انتهى تسجيل دخولك. سجّل الدخول من جديد.'
    if (status === 403) return 'هذا غير مسموح لك، أو لم يعد مسموحًا.'
    if (status === 404) return 'هذا لم يعد موجودًا.'
    if (status === 409) return 'سبقك شخص آخر. انظر ما الذي تغيّر ثم حاول مرة أخرى.'
    if (status === 429) return 'محاولات كثيرة. انتظر دقيقة ثم حاول مرة أخرى.'
    if (status < 500) return 'فيه خطأ ما. راجعه ثم حاول مرة أخرى.'
    return `تعذّر على الخادم أن يجيب (${status}). حاول بعد قليل، وإن استمر ذلك فانظر في سجله.`
  },
  copy: (what) => `انسخ ${what}`,
  copied: 'نُسخ',
  rawJson: 'JSON كما هو',
  lightColours: 'ألوان فاتحة',
  darkColours: 'ألوان داكنة',

  live: {
    live: 'مباشر',
    behind: (span) => `متأخر ${span}`,
    connecting: 'جارٍ الاتصال…',
    replay: 'إعادة',
    lost: 'غير متصل',
    silent: 'لا جديد',
    trying: 'تجري المحاولة من جديد',
    asOf: (ago) => `كما كان ${ago}`,
  },

  plan: {
    zoneNow: (zone, people, optedIn) => `${zone}: ${n(people, { zero: 'لا أحد', one: 'شخص واحد', two: 'شخصان', few: '# أشخاص', many: '# شخصًا', other: '# شخص' })}، المشتركون منهم ${optedIn}`,
    device: { camera: (id) => `الكاميرا ${id}`, receiver: (id) => `جهاز الاستقبال ${id}` },
    withState: (device, state) => `${device}: ${state}`,
  },

  why: {
    inWords: 'بالكلمات',
    nobody: 'لا حملة تنتظر هذا.',
    noneMade: (many) => `نُظر في ${offers(many)}، ولم يمكن تقديم أي منها.`,
    theOne: 'نُظر في عرض واحد، وكان في المنافسة.',
    looked: (many, running) => `نُظر في ${offers(many)}، ${running === many ? 'وكلها في المنافسة' : `وفي المنافسة منها ${running}`}.`,
    drawn: (probability) => `سُحب هذا باحتمال ${probability}.`,
    heldByHouse: 'كان سيُقدَّم أحدها، لكن هذا المتسوّق مستبعد من كل الحملات ليُقاس ما تكسبه العروض.',
    heldByCampaign: 'كان سيُقدَّم أحدها، لكن هذا المتسوّق مستبعد من الحملة ليُقاس ما تكسبه.',

    way: 'من الحدث إلى الهاتف',
    whole: (span) => `${span} من بابنا إلى الهاتف`,
    start: 'البداية',
    happened: 'حدث',
    received: 'وصل إلى بابنا',
    redeemed: 'استُخدم عند الصندوق',
    stops: {
      claimed: (channel) => `تولّاه: ${channel}`,
      sent: (channel) => `أُرسل عبر: ${channel}`,
      delivered: (channel) => `وصل عبر: ${channel}`,
      failed: (channel) => `فشل عبر: ${channel}`,
      refused: (channel) => `رُفض على: ${channel}`,
      held: (channel) => `عُلّق على: ${channel}`,
    },

    running: 'في المنافسة',
    formula: 'P × C × V × L × R هي النتيجة، والنتائج الأفضل تُسحب أكثر',
    off: (factors) => `. أُوقف فيُحسب 1: ${factors}`,
    scores: 'نتائج العروض المتنافسة',
    offer: 'العرض',
    P: 'الميل: احتمال أن يأخذه المتسوّق كما تعلّمه النموذج، ومدى يقينه',
    C: 'وزن السياق، تحدده الحملة',
    V: 'القيمة: ما يساويه استخدام العرض للمتجر',
    L: 'الرافعة: ثقل إضافي تحدده الحملة',
    R: 'القرب: 1 في منطقة العرض، ويقل كلما ابتعد',
    score: 'النتيجة',
    drawnWith: 'احتمال السحب',
    made: 'قُدّم',
    wouldBeMade: 'كان سيُقدَّم',
    behind: (what) => `متأخر: ${what}`,
    noWorse: 'ليس أسوأ: وقع السحب على الآخر',
    less: { propensity: 'احتمال أخذه أقل', weight: 'وزنه هنا أقل', value: 'قيمته أقل', lever: 'تكبحه الرافعة', reach: 'المشي إليه أبعد' },

    shownIn: 'ما عُرض في',
    fallback: 'البديل: لم يمكن عرض غيره',
    inOrder: 'بهذا الترتيب',
    noFallback: 'لا شيء: ليس لهذا الموضع بديل.',
    everybody: 'للجميع',
    drawnBy: (probability) => `سُحب باحتمال ${probability}`,
    told: (what) => `قالت الصفحة: ${what}.`,

    notOthers: 'لماذا ليس غيره',
    firstReason: 'أول سبب انطبق',

    consents: 'الموافقات في تلك اللحظة',
    consentsNote: 'لا يُستخدم شيء من دونها',
    noConsents: 'لا موافقات مسجّلة مع هذا القرار.',

    woke: 'ما الذي أيقظه',
    facts: {
      what: 'ماذا', where: 'أين', long: 'كم المدة', query: 'بحث عن', product: 'المنتج', worth: 'القيمة', sure: 'مدى اليقين', senses: 'رآه', searched: 'بحث مؤخرًا عن', tier: 'مستوى الولاء', source: 'المصدر',
    },
    eventJson: 'الحدث بصيغة JSON',

    features: 'ما كان معروفًا عن المتسوّق',
    featuresNote: 'تمامًا كما رآه القرار',
    nothingKnown: 'لا شيء: كان هذا المتسوّق جديدًا.',
    atNought: (many) => n(many, { one: 'وواحدة أخرى عند الصفر.', two: 'واثنتان أخريان عند الصفر.', few: 'و# أخرى عند الصفر.', many: 'و# أخرى عند الصفر.', other: 'و# أخرى عند الصفر.' }),

    rules: 'قواعد الحملة',
    version: (version) => `الإصدار ${version}، كما هي الآن`,
    noRules: 'ليس لها قواعد: كل من يوقظها قد ينالها.',
    may: 'هل يجوز لهم؟',
    sense: 'هل له معنى الآن؟',
    should: 'هل ينبغي لنا؟',

    names: 'المعرّفات',
    ids: { decision: 'القرار', trace: 'الأثر', shopper: 'المتسوّق', event: 'الحدث', campaign: 'الحملة', model: 'النموذج' },
    idOf: (what) => `معرّف ${what}`,
    channels: 'القنوات',
    json: 'القرار بصيغة JSON',
  },
}
