import { plurals } from '@aisle/ui/language'

const n = plurals('en')

export const en = {
  title: 'Sandbox messages',
  note: 'Without a Twilio account, text messages go here instead of to phones. New ones appear within two seconds.',
  notYours: { title: 'Not for your role', more: 'Staff see the text messages, for numbers are personal data.' },
  none: 'No message yet',
  noneMore: 'As soon as a campaign that speaks by text message reaches a shopper who agreed to it, the message appears here as the phone would show it.',
  campaigns: 'Look at the campaigns',
  messages: 'Messages',
  latest: (messages: number) => `${n(messages, { one: '# message', other: '# messages' })}, the latest`,
  list: 'Messages, newest at the end',
  to: (phone: string, at: string, ago: string) => `to ${phone} · ${at} · ${ago}`,
  segments: (segments: number) => n(segments, { one: '# segment', other: '# segments' }),
  why: 'why',
}

export type Words = typeof en
