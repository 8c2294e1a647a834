import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('ar')
/** A name in Latin letters, kept apart from the sentence around it. */
const latin = (name: string) => `\u2066${name}\u2069`
const named = (name: string) => `\u2068${name}\u2069`

export const words: Words = {
  title: 'العقود',
  note: 'ما يجب أن تكون عليه خصائص الحدث. ما لا يفي بعقده يبقى كاملًا في الحجر.',
  holds: (version) => `الإصدار ${version} سارٍ`,
  everySource: 'كل المصادر',

  begin: {
    name: 'اسم الحدث',
    start: 'ابدأ عقدًا',
    nameless: `اكتب اسم حدث، مثل ${latin('product_viewed')}.`,
    long: '100 حرف على الأكثر.',
  },

  table: {
    label: 'قائمة العقود',
    none: 'لا عقد بعد',
    noneMore: 'يحدّد العقد الخصائص التي يجب أن تكون للحدث ونوع كل منها. ابدأ عقدًا من حدث أدناه: يُقترح مخططه مما وصل حتى الآن.',
    event: 'الحدث',
    state: 'الحالة',
    sources: 'لأجل',
    refused: 'مرفوض، 24 ساعة',
    taken: 'مقبول حتى الآن',
    written: 'كُتب',
    draft: (version) => `المسودة ${version}`,
    draftWaits: (version) => `المسودة ${version} تنتظر`,
    writtenBy: (at, by) => `${at}، كتبه ${named(by)}`,
  },

  without: {
    label: 'أحداث بلا عقد',
    title: 'بلا عقد',
    note: 'تُقبل مهما كانت خصائصها',
    from: 'من',
    actions: 'إجراءات',
    start: 'ابدأ عقدًا',
    startFor: (event) => `ابدأ عقدًا للحدث ${latin(event)}`,
  },

  page: {
    unchecked: 'غير مفحوص',
    event: 'الحدث',
    refused: 'ما رُفض',
    edit: 'العقد',
    noContract: 'لا عقد له',
    noContractMore: 'تُقبل هذه الأحداث مهما كانت خصائصها. يستطيع المسوّقون والمديرون بدء عقد.',
    proposed: 'هذا المخطط مقترح مما وصل حتى الآن: ما جاء دائمًا صار إلزاميًا. أزل ما قد يغيب، ثم انشره.',
    nothingProposed: 'لم يصل حدث بهذا الاسم بعد، فلا شيء يُقترح. اكتب ما يجب أن تكون عليه خصائصه، أو انتظر أول حدث ثم عُد.',
  },

  retire: {
    retire: 'إلغاء العقد',
    ask: (event) => `هل تُوقف فحص ${latin(event)}؟`,
    askMore: 'من الآن تُقبل هذه الأحداث مهما كانت خصائصها. تبقى الإصدارات، ويمكن نشر أي منها من جديد.',
    yes: 'ألغِه',
    done: (event) => `لم يعد ${latin(event)} يُفحص.`,
  },

  publish: {
    publish: 'نشر',
    ask: (version) => `هل يسري الإصدار ${version} عند الباب؟`,
    askThis: 'هل يسري هذا عند الباب؟',
    more: 'من الآن يبقى ما لا يفي به كاملًا في الحجر، إلى أن يصلحه أحد ويرسله من جديد.',
    untried: 'لم يُجرَّب على أحداث بعد.',
    insteadMore: 'يحل محل الإصدار الساري الآن. وما لا يفي به يبقى في الحجر من ذلك الحين.',
    done: (version, event) => `الإصدار ${version} من ${latin(event)} يسري خلال ثوانٍ.`,
  },

  form: {
    label: 'المخطط',
    title: 'ما يجب أن تكون عليه الخصائص',
    dialect: 'JSON Schema, draft 2020-12',
    tidy: 'ترتيب',
    schemaOf: (event) => `مخطط ${latin(event)}`,
    noObject: `العقد كائن: ${latin('{"type": "object", "properties": {…}}')}.`,
    unusable: 'لا يمكن استخدام هذا المخطط.',
    sources: 'لأجل',
    sourcesMore: 'إن تُرك فارغًا: لكل المصادر.',
    conflict: 'كتب شخص آخر إصدارًا في هذه الأثناء.',
    conflictMore: 'انسخ مخططك أولًا، ثم حمّل الأحدث.',
    reload: 'تحميل الأحدث',
    save: 'حفظ',
    note: 'ما الذي تغيّر',
    noteOptional: 'ما الذي تغيّر (اختياري)',
    takeBack: 'تراجع',
    keep: 'حفظ كمسودة',
    kept: (version) => `حُفظ الإصدار ${version} كمسودة.`,
    publish: 'نشر…',
    publishVersion: (version) => `نشر الإصدار ${version}…`,
  },

  trial: {
    title: 'ما كان سيرفضه',
    noJson: `ما إن يصير ${latin('JSON')} من جديد حتى يُجرَّب على أحدث الأحداث.`,
    marked: 'السطر معلَّم. ما إن يصير صالحًا حتى يُجرَّب على أحدث الأحداث.',
    nothing: 'لا شيء يُجرَّب عليه',
    untested: 'لا حدث محفوظًا بهذا الاسم، فلم يمكن تجربة شيء.',
    pass: (tested) =>
      n(tested, { one: 'الحدث الأخير كان سيُقبل.', two: 'الحدثان الأخيران كانا سيُقبلان.', other: 'كل الأحداث الـ# الأخيرة كانت ستُقبل.' }),
    fail: (failed, tested) => n(tested, { one: 'الحدث الأخير كان سيُرفض.', two: `كان سيُرفض ${failed} من الحدثين الأخيرين.`, other: `كان سيُرفض ${failed} من آخر # من الأحداث.` }),
    why: 'السبب، الأكثر تكرارًا أولًا',
    latestFrom: 'الأحدث من',
  },

  history: {
    publish: (version) => `نشر الإصدار ${version}`,
    schema: 'مخطط هذا الإصدار',
  },
}
