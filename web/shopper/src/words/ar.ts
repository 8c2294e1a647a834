import { plurals } from '@aisle/ui/language'
import type { Words } from '.'

const n = plurals('ar')
const of = (h: number) => n(h, { one: 'ساعة واحدة', two: 'ساعتان', few: '# ساعات', many: '# ساعة', other: '# ساعة' })
const minutes = (min: number) => n(min, { one: 'دقيقة واحدة', two: 'دقيقتان', few: '# دقائق', many: '# دقيقة', other: '# دقيقة' })

export const ar: Words = {
  places: { offers: 'العروض', inbox: 'الرسائل', recognition: 'التعرّف', you: 'أنت' },
  main: 'القائمة الرئيسية',
  back: 'رجوع',
  title: 'عروض بالقرب منك',
  live: 'مباشر',
  connecting: 'جارٍ الاتصال',
  offline: 'غير متصل',
  youAreIn: (place) => `أنت في ${place}.`,
  checkIn: 'سجّل حضورك هنا',
  stale: (clock) => `تعذّر الوصول إلى المتجر. هذا من الساعة ${clock}، والرموز ما زالت صالحة عند الصندوق.`,
  offers: 'العروض',
  valid: (clock, left) => `صالح حتى ${clock}، ${left}`,
  left: {
    seconds: (s) => `باقٍ ${n(s, { zero: '0 ثانية', one: 'ثانية واحدة', two: 'ثانيتان', few: '# ثوانٍ', many: '# ثانية', other: '# ثانية' })}`,
    minutes: (min) => `باقٍ ${minutes(min)}`,
    hours: (h, min) => (min ? `باقٍ ${of(h)} و${minutes(min)}` : `باقٍ ${of(h)}`),
    days: (days) => `باقٍ ${n(days, { one: 'يوم واحد', two: 'يومان', few: '# أيام', many: '# يومًا', other: '# يوم' })}`,
  },
  useOffer: 'استخدم العرض',
  why: 'لماذا هذا العرض؟',
  useThis: (title) => `استخدم العرض: ${title}`,
  whyThis: (title) => `لماذا هذا العرض: ${title}`,
  used: (clock) => `استُخدم ${clock}`,
  ended: (clock) => `انتهى ${clock}`,
  earlier: 'سابقًا',
  earlierOffers: 'عروض سابقة',
  none: 'لا عروض بعد',
  noneYet: 'تجوّل في المتجر. عندما يناسبك شيء قريب يظهر هنا من تلقاء نفسه.',
  noneAllowed: 'لم تسمح لنا بأن نرسل إليك أي عرض.',
  chooseAllowed: 'اختر المسموح به',

  chosenBy: 'ما الذي يختارها',
  signals: { search: 'البحث', location: 'المكان', face: 'الوجه' },
  ranked: (ms) => `أُعيد الترتيب خلال ${ms} مللي ثانية.`,
  notChosen: 'لم تعد مختارة لك',
  notChosenWhy: 'لولا ما أوقفته لما قُدّمت. رموزها ما زالت صالحة.',
  sourceOf: { search: 'موقعنا', location: 'أجهزة الاستقبال في المتجر', face: 'الكاميرا عند الباب' },
  off: 'متوقف',
  asItWas: (name, why) => `بقي «${name}» كما كان. ${why}`,
  says: {
    searched: (what) => `بحثت عن ${what}`,
    dwelled: (where) => `قضيت وقتًا عند ${where}`,
    was_at: (where) => `كنت عند ${where}`,
    near: (where) => `${where} على بُعد خطوات`,
    recognised: 'جرى التعرّف عليك',
  },

  welcome: 'العرض المناسب في اللحظة المناسبة أثناء تسوّقك. أنت تختار ما يجوز لنا استخدامه لذلك، ويمكنك تغيير رأيك في أي وقت.',
  join: 'انضم',
  signIn: 'تسجيل الدخول',
  tryAs: 'جرّب باسم …',
  demo: 'هذا عرض توضيحي. أمسك هاتف أحد المتسوّقين فيه.',
  language: 'اللغة',

  unreachable: 'تعذّر الوصول إلى المتجر. تحقّق من اتصالك ثم حاول مرة أخرى.',
  notLoaded: 'تعذّر تحميل هذه الصفحة. تحقّق من اتصالك ثم افتح التطبيق من جديد.',
  broken: 'حدث خطأ في هذا التطبيق. أغلقه ثم افتحه وحاول مرة أخرى.',
  refused: (status) => {
    if (status === 401) return 'انتهى تسجيل دخولك. سجّل الدخول من جديد.'
    if (status === 403) return 'هذا غير مسموح، أو لم يعد مسموحًا.'
    if (status === 400) return 'فيه خطأ ما. راجعه ثم حاول مرة أخرى.'
    if (status === 404) return 'هذا لم يعد موجودًا.'
    if (status === 429) return 'محاولات كثيرة. انتظر دقيقة ثم حاول مرة أخرى.'
    return `أجاب المتجر بخطأ (${status}). حاول مرة أخرى بعد دقيقة.`
  },
}
