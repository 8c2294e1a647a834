import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('ar')

export const words: Words = {
  title: 'النظام',
  note: 'ما الذي يعمل هنا، ويُسأل عنه كل خمس ثوانٍ.',
  version: 'الإصدار',
  demo: 'عرض توضيحي',
  stream: { name: 'التدفق', embedded: 'وسيط مدمج', kafka: 'Apache Kafka', partitions: (partitions) => n(partitions, { zero: 'لا أقسام', one: 'قسم واحد', two: 'قسمان', few: '# أقسام', many: '# قسمًا', other: '# قسم' }) },
  state: { name: 'الذاكرة', embedded: 'خادم Redis مدمج', redis: 'Redis', note: 'ما يُعرف بين السجلات' },
  catalog: { name: 'الفهرس', sqlite: 'ملف SQLite', postgres: 'PostgreSQL', note: 'الحملات والمتاجر ومن يسجّلون الدخول' },
  services: {
    title: 'الخدمات',
    up: (span, since) => `تعمل منذ ${span}، من ${since}`,
    service: 'الخدمة',
    state: 'الحالة',
    lag: 'سجلات لم تُعالج بعد',
    states: { ok: 'تواكب', behind: 'متأخرة', unknown: 'غير معروف' },
    does: {
      decider: 'تحفظ ما يُعرف عن كل متسوّق وتقرر من ينال أي عرض.',
      learner: 'تتعلم مما عُرض وما نتج عنه احتمال أخذ كل عرض.',
      notifier: 'ترسل ما تقرر، إن كان إرساله ما زال جائزًا في تلك اللحظة.',
      tallies: 'تعدّ ما تعرضه القوائم والنتائج وشاشة الموظفين.',
    },
  },
  late: {
    title: 'كم تتأخر الأحداث',
    note: (events) => `من ${events} من الأحداث التي بُتّ فيها هنا منذ البداية`,
    none: 'لم يصل أي حدث منذ البداية.',
    inTime: 'في وقتها',
    inTimeMore: 'قبل أن تتجاوزها العلامة الزمنية لقسمها',
    allowed: 'متأخرة ومسموح بها',
    allowedMore: 'قد توقظ حملة مثل غيرها',
    tooLate: 'فات أوانها',
    tooLateMore: 'تُعرف عن المتسوّق لكنها لا توقظ حملة',
    features: 'سمات فاتت',
    featuresMore: 'أعداد جاء الحدث بعد أوانها؛ يبقى في السجل',
    watermark: 'العلامة الزمنية',
    watermarkMore: (newest, slowest) => `القسم الأسبق ${newest}، والأخير ${slowest}`,
  },
  operators: {
    label: 'للمشغّلين',
    numbers: ['أرقام Prometheus في ', '، والجاهزية في ', '.'],
    metrics: 'عنوان الأرقام',
    readiness: 'عنوان الجاهزية',
    json: 'النظام بصيغة JSON',
  },
}
