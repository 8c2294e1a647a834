import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('ar')

export const words: Words = {
  list: {
    title: 'القرارات',
    note: 'كل مرة حدث فيها ما تنتظره حملة. آخر 200 قرار، الأحدث أولًا.',
    label: 'قائمة القرارات',
    verdict: 'النتيجة',
    all: 'الكل',
    campaign: 'الحملة',
    anyCampaign: 'أي حملة',
    shop: 'المتجر',
    anyShop: 'أي متجر',
    noMatch: 'لا شيء مطابق',
    noMatchMore: 'لا قرار حديثًا بهذا الوصف.',
    showAll: 'عرض كل القرارات',
    none: 'لا قرارات بعد',
    noneMore: 'ما إن يفعل متسوّق ما تنتظره حملة نشطة حتى يظهر القرار هنا بكل أسبابه.',
    campaigns: 'عرض الحملات',
  },
  table: {
    when: 'متى',
    shopper: 'المتسوّق',
    what: 'ما حدث',
    answer: 'الجواب',
    state: 'الحالة',
    drawnWith: 'احتمال السحب',
    latency: 'من الحدث إلى الهاتف',
    why: (decision) => `سبب القرار \u2066${decision}\u2069`,
    onTheWeb: 'على الموقع',
    nobodyWaits: 'لا حملة تنتظر هذا',
    none: 'لا شيء',
    latest: (decisions) => `${n(decisions, { zero: 'لا قرارات', one: 'قرار واحد', two: 'قراران', few: '# قرارات', many: '# قرارًا', other: '# قرار' })}، الأحدث`,
  },
  one: {
    gone: 'لا قرار كهذا',
    goneTitle: 'هذا القرار غير موجود',
    goneMore: 'تُحفظ القرارات 90 يومًا؛ تأكد من أن المعرّف كامل.',
    recent: 'أحدث القرارات',
    why: 'السبب',
    whyNone: 'لماذا لم يُقدَّم عرض',
    whyOffer: (offer) => `لماذا «\u2068${offer}\u2069»`,
    thisOffer: 'هذا العرض',
    id: 'معرّف القرار',
    shopper: (label) => `المتسوّق \u2068${label}\u2069`,
    campaign: 'الحملة',
    inShop: (shop) => `، \u2068${shop}\u2069`,
    heldBy: { house: 'في المجموعة الضابطة للمتجر كله', campaign: 'في المجموعة الضابطة للحملة' },
    model: 'النموذج',
  },
}
