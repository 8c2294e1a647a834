import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

export { ar as shared } from '@aisle/ui/spoken/ar'

const n = plurals('ar')

export const words: Words = {
  language: 'اللغة',
  title: (shop) => `${shop} الآن · Aisle`,
  shopNow: 'المتجر الآن',
  nowIn: (shop) => `${shop} الآن`,
  close: 'إغلاق',
  console: 'افتح في لوحة التحكم',
  noShop: 'لا متجر بعد',
  noShopYet: 'حين يكون لمتجر مخطط، تُظهر هذه الشاشة من فيه وما يُعرض عليهم وما ينتج عنه.',
  setUp: 'جهّز المتجر الأول',

  main: 'القائمة الرئيسية',
  places: { take: 'استلام رمز', decisions: 'القرارات', people: 'الأشخاص', campaigns: 'الحملات', sandbox: 'رسائل تجريبية', system: 'النظام' },

  top: 'المتجر وحداثة المعلومات',
  shop: 'المتجر',
  loadingShops: 'جارٍ تحميل المتاجر…',
  allShops: 'كل المتاجر الآن',
  replay: 'إعادة',
  shopTime: (clock) => `الساعة ${clock} في المتجر`,
  wholeScreen: 'استخدم الشاشة كلها',
  leaveWholeScreen: 'اخرج من ملء الشاشة',
  stale: (clock) => `تعذّر الوصول إلى المتجر. هكذا كان الساعة ${clock}، وسيستمر من تلقاء نفسه حين يعود الاتصال.`,

  alerts: {
    title: 'التنبيهات',
    many: (alerts) => n(alerts, { zero: 'لا تنبيهات', one: 'تنبيه واحد', two: 'تنبيهان', few: '# تنبيهات', many: '# تنبيهًا', other: '# تنبيه' }),
    well: 'كل شيء على ما يرام',
    wellMore: 'تظهر هنا كاميرا توقفت، أو جهاز استقبال يحتاج إصلاحًا، أو رسائل تفشل، أو خدمة متأخرة، مع ما ينبغي فعله.',
    seen: 'هناك من يتولاه',
    severe: 'لا يعمل',
    mild: 'يزداد سوءًا',
    see: 'سأتولى ذلك',
    about: (kind, subject) => about(kind, subject ?? ''),
  },

  figures: {
    title: 'الأرقام الرئيسية',
    inShop: 'في المتجر الآن',
    optedIn: 'المشتركون',
    sent: 'عروض أُرسلت اليوم',
    redeemed: 'استُخدم اليوم',
    latency: 'إلى الهاتف، p95',
    usual: (more) => `${more} عن المعتاد`,
    ofVisitors: (share) => `${share} من الزوار`,
    yesterday: (change) => `${change} عن الأمس`,
    delivered: (count) => `وصل منها ${count}`,
    atTill: (count) => `${count} عند الصندوق`,
    target: (span) => `الهدف ${span}`,
  },

  floor: {
    title: 'مخطط المتجر',
    floor: 'الطابق',
    choose: (floor) => `${floor}: اختر منطقة لترى المزيد عنها`,
    heat: 'الازدحام خلال',
    now: 'الآن',
    minutes: (minutes) => n(minutes, { few: '# دقائق', other: '# دقيقة' }),
    people: (many) => `المشتركون على المخطط: ${many}. تنقلك أسهم لوحة المفاتيح من شخص إلى آخر، ويفتح Enter بطاقته.`,
    legend: 'مفتاح المخطط',
    quiet: 'هادئ',
    busy: 'مزدحم',
    known: 'شاهدان',
    possible: 'عضو محتمل',
    lent: 'جهاز مُعار',
    anonymous: 'مجهول',
    pushed: 'أُرسل عرض',
    devices: 'الكاميرات وأجهزة الاستقبال',
    camera: 'كاميرا',
    receiver: 'جهاز استقبال',
    noFloor: 'لا مخطط لهذا المتجر بعد',
    noFloorYet: 'عليه يظهر أين الناس. والأرقام والعروض ومن قد يحتاج مساعدة تظهر هنا من دونه أيضًا.',
    drawFloor: 'ارسم المخطط',
    noZones: 'لا مناطق في هذا المتجر بعد',
    noZonesYet: 'المناطق تقول أين الناس. حين تُرسم يظهر هنا كل من يُرى.',
    drawZones: 'ارسم المناطق',
  },

  zone: {
    label: 'المنطقة',
    named: (zone) => `المنطقة ${zone}`,
    none: 'لم تُختر منطقة',
    noneYet: 'اختر واحدة على المخطط لترى من فيها وأي العروض ينجح.',
    busy: 'مزدحمة',
    empty: 'خالية',
    normal: 'عادية',
    follow: 'عُد إلى تتبّع الأكثر ازدحامًا',
    busiest: 'الأكثر ازدحامًا الآن.',
    keep: 'اختر منطقة على المخطط لتبقى هنا.',
    of: (holds) => `من ${n(holds, { one: 'شخص واحد', two: 'شخصين', few: '# أشخاص', many: '# شخصًا', other: '# شخص' })}`,
    ago: 'قبل 30 دقيقة',
    now: 'الآن',
    stay: 'متوسط البقاء، 30 دقيقة',
    optedIn: 'المشتركون هنا',
    offers: 'العروض، آخر 10 دقائق',
    today: 'العروض اليوم',
    redeemed: 'المستخدم اليوم',
    best: 'أفضل عرض اليوم',
    bestOf: (sent, redeemed) => `أُرسل ${n(sent, { other: '#' })}، استُخدم ${n(redeemed, { other: '#' })}`,
    noOffer: 'لم يُرسل اليوم عرض إلى أحد هنا.',
    members: 'الأعضاء هنا',
    nobody: 'لا أحد من المشتركين. يظهر الاسم حين يتفق شاهدان.',
    more: (many) => n(many, { other: 'و# آخرون' }),
  },

  presence: {
    unseen: 'لم يُرَ مؤخرًا',
    two: 'شاهدان',
    device: (label) => `جهاز ${label}`,
    near: (label) => `قد يكون ${label} قريبًا: اسأل`,
    not: (label) => `ليس ${label}`,
    possible: 'عضو محتمل',
    possibleCalled: (label) => `عضو محتمل ${label}`,
    ask: 'اسأل',
    face: (sure) => `الوجه، بيقين ${sure}`,
    noFace: 'لم تعرف أي كاميرا وجهه',
    carried: (sensor, sure) => `${sensor}، بيقين ${sure}`,
    noCarried: 'لا بطاقة له ولا تسجيل حضور ولا رمز',
  },

  feed: {
    title: 'العروض المرسلة',
    every: 'كل القرارات',
    which: 'أي القرارات',
    offers: 'العروض',
    all: 'الكل',
    rate: (perSecond) => `${perSecond} في الثانية`,
    none: 'لا عرض بعد',
    noneYet: 'كل عرض يُرسل إلى هاتف يظهر هنا خلال ثانية، مع سبب حصول هذا المتسوّق عليه.',
    shopper: (label) => `المتسوّق ${label}`,
  },

  help: {
    title: 'من يحتاج مساعدة',
    note: 'المشتركون الواقفون طويلًا',
    nobody: 'لا يبدو أن أحدًا ينتظر. من يقف طويلًا عند رف أو عند صناديق الدفع يظهر هنا، مع ما يمكن قوله.',
    not: 'لا تذكر:',
    why: {
      stands: 'يقف هنا أطول ممن يمر فقط.',
      waits: 'ينتظر عند صناديق الدفع.',
      searched: 'بحث في المتجر الإلكتروني عما يُباع هنا.',
      offer: (offer) => `لم يستخدم العرض الذي على هاتفه: ${offer}.`,
      enough: (messages) =>
        n(messages, {
          one: 'تلقّى رسالة واحدة خلال ساعة: الأفضل تركه وشأنه.',
          two: 'تلقّى رسالتين خلال ساعة: الأفضل تركه وشأنه.',
          few: 'تلقّى # رسائل خلال ساعة: الأفضل تركه وشأنه.',
          many: 'تلقّى # رسالة خلال ساعة: الأفضل تركه وشأنه.',
          other: 'تلقّى # رسالة خلال ساعة: الأفضل تركه وشأنه.',
        }),
    },
    say: {
      hello: (name) => `«مرحبًا ${name}.» يتفق شاهدان على أنه ${name}.`,
      ask: '«هل أساعدك؟» اسأل، فشاهد واحد قد يخطئ.',
      finding: (zone) => `هل يجد ما يريد عند ${zone}.`,
      offer: 'أن في تطبيقه عرضًا له.',
    },
    notMention: {
      name: 'الاسم، أو أنه عضو.',
      searched: 'ما بحث عنه في بيته.',
      offer: 'العرض: فقد يكون الهاتف لغيره.',
      sensor: 'أن كاميرا أو بطاقة دلّت على مكانه.',
      bought: 'ما اشتراه من قبل.',
    },
  },

  latency: {
    label: 'السرعة',
    title: 'من الحدث إلى الهاتف',
    period: 'آخر 10 دقائق',
    says: (p50, p95, p99) => `من الحدث إلى الهاتف: النصف خلال ${p50}، و95% خلال ${p95}، و99% خلال ${p99}`,
    saysNone: 'من الحدث إلى الهاتف: لم يُرسل شيء في آخر عشر دقائق',
    none: 'لم يُرسل شيء في آخر 10 دقائق. تظهر الخطوط مع العرض التالي.',
  },

  conversion: {
    title: 'التحويل',
    period: 'آخر ساعتين',
    delivered: 'وصل',
    redeemed: 'استُخدم',
    says: (delivered, redeemed) => `العروض في آخر ساعتين: وصل ${delivered}، استُخدم ${redeemed}`,
    none: 'تظهر الأعمدة حين تصل العروض إلى الهواتف.',
  },

  busiest: {
    title: 'الأكثر ازدحامًا',
    note: 'نسبة من السعة، الآن',
    none: 'لا مناطق بعد',
    noneYet: 'تظهر هنا أكثر المناطق امتلاءً حين يكون للمتجر مناطق.',
  },

  person: {
    title: 'في المتجر الآن',
    left: 'لقد غادر',
    leftMore: 'تظهر البطاقة ما دام الشخص في المتجر.',
    between: 'بين المناطق',
    witnesses: 'شاهدان',
    together: (sure) => `معًا بيقين ${sure} أنه هو؛ يظهر الاسم من 95% حين يتفق الاثنان.`,
    rule: 'يظهر الاسم من 95% حين يتفق الاثنان.',
    why: 'لماذا هو',
    noWhy: 'لا سبب للذهاب إليه الآن.',
    say: 'يمكنك أن تقول',
    notMention: 'لا تذكر',
    consents: 'ما وافق عليه',
    yes: 'نعم',
    no: 'لا',
    decided: 'ما تقرّر له',
    decidedHere: 'ما تقرّر له هنا',
    nothing: 'لا شيء مؤخرًا.',
    noOffer: 'لا عرض',
  },

  why: {
    title: 'لماذا هذا العرض',
    shopper: (label, zone) => `المتسوّق ${label}${zone ? ` في ${zone}` : ''}`,
  },

  shops: {
    inShop: 'في المتجر',
    optedIn: 'مشتركون',
    offers: 'عروض اليوم',
    redeemed: 'مستخدم',
  },

  replays: {
    title: 'إعادة',
    earlier: 'قبل عشر دقائق',
    later: 'بعد عشر دقائق',
    play: 'تشغيل',
    pause: 'إيقاف مؤقت',
    speed: 'السرعة',
    time: 'وقت الإعادة',
    live: 'عُد إلى المباشر',
    key: 'المفتاح L',
    timedOut: 'في هذه الدقائق أكثر مما يُقرأ دفعة واحدة: نهايتها ناقصة. اختر بداية متأخرة عنها.',
    reading: (share) => `تُقرأ هذه الدقائق من السجل… ${share}`,
    nothing: 'لم يتقرّر شيء في هذه الدقائق.',
    counted: (offers, none, refused) =>
      `${n(offers, { zero: 'لا عروض', one: 'عرض واحد', two: 'عرضان', few: '# عروض', many: '# عرضًا', other: '# عرض' })}، ${n(none, { zero: 'لا قرارات', one: 'قرار واحد', two: 'قراران', few: '# قرارات', many: '# قرارًا', other: '# قرار' })} بلا عرض، ${n(refused, { zero: 'لم تُرفض رسائل', one: 'رُفضت رسالة واحدة', two: 'رُفضت رسالتان', few: 'رُفضت # رسائل', many: 'رُفضت # رسالة', other: 'رُفضت # رسالة' })}.`,
    today: 'الأسماء ومن هو مجهول كما يجوز للدار أن تقول اليوم.',
    allGone: 'نسي السجل هذه الدقائق: لم يبقَ منها شيء.',
    placesGone: 'نُسي أين كان الناس. أما ما تقرّر وأُرسل حينها فما زال هنا.',
    placesPartly: 'نُسي أين كان الناس في بداية هذه الدقائق.',
    decisionsPartly: 'نُسي ما تقرّر في بداية هذه الدقائق.',
  },

  scan: {
    title: 'استلام رمز',
    shopNow: 'المتجر الآن',
    noShop: 'تُستلم الرموز في متجر: جهّز الأول من لوحة التحكم.',
    type: 'أو اكتب الرمز',
    wrong: 'الرمز من 8 أحرف وأرقام.',
    look: 'ابحث عنه',
    holds: (clock) => `صالح حتى ${clock}.`,
    taken: (clock) => `استُلم الساعة ${clock}.`,
    used: (clock, till) => `استُخدم من قبل، الساعة ${clock}${till ? ` (${till})` : ''}.`,
    ended: (clock) => `كان صالحًا حتى ${clock}.`,
    left: (clock) => `كان صالحًا حتى غادر صاحبه المتجر، الساعة ${clock}.`,
    offer: 'عرض',
    shopper: (code, label) => `⁦${code}⁩ · المتسوّق ${label}`,
    take: 'استلمه',
    undo: (seconds) => `تراجع، باقٍ ${n(seconds, { one: 'ثانية واحدة', two: 'ثانيتان', few: '# ثوانٍ', many: '# ثانية', other: '# ثانية' })}`,
    checkIn: 'تسجيل الحضور',
    checkInHow: (shop) => `المتسوّقون الذين لا تعرفهم كاميرا ولا جهاز استقبال يوجّهون هواتفهم إلى هذا، فتُفتح عروضهم في ${shop}.`,
    checkInCode: (shop) => `رمز QR لتسجيل الحضور في ${shop}`,
    scan: 'امسح بالكاميرا',
    stop: 'أوقف الكاميرا',
    picture: 'ما تراه الكاميرا',
    noCamera: 'لا يمكن استخدام الكاميرا هنا. اسمح بها في إعدادات هذه الصفحة، أو اكتب الرمز.',
  },
}

function about(kind: string, subject: string): string {
  switch (kind) {
    case 'camera':
      return `توقفت الكاميرا ${subject}.`
    case 'receiver':
      return `يحتاج جهاز الاستقبال ${subject} إلى عناية.`
    case 'sender':
      return `تفشل الرسائل عبر ${subject}.`
    case 'quarantine':
      return `توضع سجلات كثيرة جانبًا، أكثرها من ${subject}.`
    case 'lag':
      return `${subject} متأخر: قد يكون ما تراه قديمًا.`
    case 'latency':
      return 'تتأخر العروض في الوصول إلى الهواتف.'
    default:
      return ''
  }
}
