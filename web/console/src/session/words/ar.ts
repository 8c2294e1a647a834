import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('ar')

export const words: Words = {
  showPassword: 'إظهار كلمة المرور',
  atLeast: (least) => n(least, { one: 'حرف واحد على الأقل', two: 'حرفان على الأقل', few: '# أحرف على الأقل', many: '# حرفًا على الأقل', other: '# حرف على الأقل' }),
  signIn: {
    page: 'تسجيل الدخول',
    title: 'تسجيل الدخول إلى Aisle',
    with: (provider) => `الدخول عبر \u2068${provider}\u2069`,
    demo: 'هذا متجر العرض التوضيحي: بيانات حسابه مكتوبة مسبقًا.',
    email: 'البريد الإلكتروني',
    yourEmail: 'عنوان بريدك الإلكتروني',
    password: 'كلمة المرور',
    yourPassword: 'كلمة مرورك',
    wrong: 'عنوان البريد أو كلمة المرور غير صحيح.',
    doIt: 'تسجيل الدخول',
    refusals: {
      denied: 'لا يُسمح لك بالدخول: ليس لأي من مجموعاتك دور هنا. اسأل أحد المديرين.',
      taken: 'عنوان بريدك مستخدم هنا لشخص آخر، ومزوّد الهوية لا يضمنه. اسأل أحد المديرين.',
      unavailable: 'مزوّد الهوية لا يجيب الآن. حاول بعد قليل.',
      failed: 'لم ينجح ذلك. حاول مرة أخرى، فإن لم ينفع فاسأل أحد المديرين.',
    },
  },
  choose: {
    title: 'اختر كلمة مرور',
    password: 'كلمة المرور',
    doIt: 'احفظها وسجّل الدخول',
    notWhole: 'هذا الرابط غير كامل. انسخه كله أو اطلب من المدير رابطًا جديدًا.',
  },
  account: {
    title: 'حسابي',
    where: 'أين سجّلت الدخول',
    outEverywhere: 'تسجيل الخروج من كل مكان آخر',
    browser: 'المتصفح',
    address: 'العنوان',
    since: 'منذ',
    used: 'آخر استخدام',
    actions: 'إجراءات',
    here: 'هذا',
    until: (time) => `حتى ${time} على أبعد تقدير`,
    hows: { password: 'بكلمة المرور', link: 'برابط', oidc: 'عبر مزوّد الهوية' },
    out: 'تسجيل الخروج',
    outThere: 'سُجّل الخروج هناك.',
    showAll: (many) => `عرض الكل (${many})`,
    outElsewhere: 'سُجّل الخروج من كل مكان آخر.',
    browserOn: (browser, system) => `\u2068${browser}\u2069 على \u2068${system}\u2069`,
    program: 'برنامج',
  },
  another: {
    title: 'كلمة مرور أخرى',
    now: 'كلمة المرور الحالية',
    missing: 'كلمة مرورك الحالية',
    new: 'الجديدة',
    doIt: 'تغييرها',
    done: 'تغيّرت كلمة مرورك، وسُجّل خروجك من كل مكان آخر.',
  },
}
