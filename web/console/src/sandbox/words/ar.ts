import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('ar')

export const words: Words = {
  title: 'رسائل التجربة',
  note: 'من دون حساب Twilio تصل الرسائل النصية إلى هنا بدلًا من الهواتف. تظهر الرسائل الجديدة خلال ثانيتين.',
  notYours: { title: 'ليس لدورك', more: 'الموظفون يرون الرسائل النصية، فالأرقام بيانات شخصية.' },
  none: 'لا رسائل بعد',
  noneMore: 'ما إن تصل حملة بالرسائل النصية إلى متسوّق وافق عليها حتى تظهر الرسالة هنا كما يعرضها الهاتف.',
  campaigns: 'عرض الحملات',
  messages: 'الرسائل',
  latest: (messages) => `${n(messages, { zero: 'لا رسائل', one: 'رسالة واحدة', two: 'رسالتان', few: '# رسائل', many: '# رسالة', other: '# رسالة' })}، الأحدث`,
  list: 'الرسائل، الأحدث في الأسفل',
  to: (phone, at, ago) => `إلى \u2066${phone}\u2069 · ${at} · ${ago}`,
  segments: (segments) => n(segments, { zero: 'بلا أجزاء', one: 'جزء واحد', two: 'جزءان', few: '# أجزاء', many: '# جزءًا', other: '# جزء' }),
  why: 'لماذا',
}
