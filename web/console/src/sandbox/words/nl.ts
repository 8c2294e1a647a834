import { plurals } from '@aisle/ui/language'
import type { Words } from './en'

const n = plurals('nl')

export const words: Words = {
  title: 'Proefberichten',
  note: 'Zonder Twilio-account komen sms-berichten hier terecht in plaats van op telefoons. Nieuwe verschijnen binnen twee seconden.',
  notYours: { title: 'Niet voor jouw rol', more: 'Medewerkers zien de sms’jes, want nummers zijn persoonsgegevens.' },
  none: 'Nog geen bericht',
  noneMore: 'Zodra een campagne die per sms spreekt een klant bereikt die daarmee instemde, verschijnt het bericht hier zoals de telefoon het zou tonen.',
  campaigns: 'Bekijk de campagnes',
  messages: 'Berichten',
  latest: (messages) => `${n(messages, { one: '# bericht', other: '# berichten' })}, de laatste`,
  list: 'Berichten, de nieuwste onderaan',
  to: (phone, at, ago) => `aan ${phone} · ${at} · ${ago}`,
  segments: (segments) => n(segments, { one: '# segment', other: '# segmenten' }),
  why: 'waarom',
}
