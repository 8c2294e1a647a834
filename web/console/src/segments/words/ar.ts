import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('ar')
const quoted = (name: string) => `«\u2068${name}\u2069»`

export const words: Words = {
  segment: 'شريحة',
  whoBelongs: 'من ينتمي إليها',
  usedBy: 'تستخدمها',
  changed: 'آخر تغيير',

  list: {
    title: 'الشرائح',
    note: 'قواعد لها اسم تتشاركها الحملات. يُنظر من جديد في كل لحظة فيمن ينتمي إليها.',
    label: 'قائمة الشرائح',
    add: 'شريحة جديدة',
    none: 'لا شرائح بعد',
    noneMore: 'تقول الشريحة مرة واحدة من هم «محبّو القهوة الذهبيون»، وتتبعها كل حملة موجّهة إليهم حين تتغيّر.',
    first: 'اكتب الشريحة الأولى',
    unused: 'لا شيء بعد',
    segments: (segments) => n(segments, { zero: 'لا شرائح', one: 'شريحة واحدة', two: 'شريحتان', few: '# شرائح', many: '# شريحة', other: '# شريحة' }),
  },

  add: {
    title: 'شريحة جديدة',
    note: 'من تشمل هذه الشريحة؟',
    save: 'حفظ الشريحة',
    saved: (name) => `حُفظت ${quoted(name)}. يمكن الآن توجيه الحملات إليها.`,
  },

  page: {
    edit: 'الشريحة',
    history: 'السجل',
    id: 'معرّف الشريحة',
    save: 'حفظ التغييرات',
    saveLive: 'حفظ، مع تغيير الحملات النشطة',
    saved: (name) => `حُفظت ${quoted(name)}.`,
    savedWith: (name) => `حُفظت ${quoted(name)} وحملاتها معها.`,
    about: 'نبذة',
    unused: 'لا حملة بعد',
    version: 'الإصدار',
    json: 'الشريحة بصيغة JSON',
    tookBack: (name, version) => `عادت ${quoted(name)} كما كانت في الإصدار ${version}.`,
  },

  remove: {
    button: 'حذف',
    used: 'هناك حملات موجّهة إليها',
    title: 'حذف هذه الشريحة؟',
    says: 'لا حملة موجّهة إليها. يبقى سجلها.',
    yes: 'حذف',
    cancel: 'إلغاء',
    done: (name) => `حُذفت ${quoted(name)}.`,
  },

  form: {
    name: 'الاسم',
    namePlaceholder: 'محبّو القهوة الذهبيون',
    purpose: 'الغرض منها',
    rule: 'من ينتمي إليها؟',
    ruleNote: 'يُنظر فيها من جديد في كل لحظة',
    noName: 'أعطِ الشريحة اسمًا',
    noRule: 'حدّد من ينتمي إليها',
    howMany: 'العدد',
  },

  audience: {
    label: 'من ينطبق عليه الآن',
    refused: 'حين تصحّ القاعدة يُعدّ متسوّقوها هنا.',
    failed: 'يتعذّر عدّهم الآن؛ ستُعاد المحاولة بعد لحظة.',
    counting: 'جارٍ العدّ…',
    match: (shoppers) => n(shoppers, { few: 'متسوّقين ينطبق عليهم الآن', many: 'متسوّقًا ينطبق عليهم الآن', other: 'متسوّق ينطبق عليه الآن' }),
    reached: 'يمكن الوصول إليهم',
    channels: { app: 'التطبيق', push: 'إشعار', sms: 'رسالة نصية', email: 'البريد الإلكتروني', webhook: 'خطاف ويب' },
    about: (shoppers, margin) => `نحو \u2066${shoppers} ± ${margin}\u2069`,
    ofAll: (shoppers) => `من ${shoppers} معروفين`,
    ofSome: (shoppers, sample) => `من نحو ${shoppers} معروفين، من عيّنة من ${sample}`,
    at: (ofWhom, time) => `${ofWhom}، في ${time}`,
    moment: (names) => n(names, { one: 'لا يُعرف إلا حين يحدث شيء، وهو فارغ هنا.', two: 'لا يُعرفان إلا حين يحدث شيء، وهما فارغان هنا.', other: 'لا تُعرف إلا حين يحدث شيء، وهي فارغة هنا.' }),
  },
}
