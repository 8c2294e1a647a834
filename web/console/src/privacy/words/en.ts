import { plurals } from '@aisle/ui/language'

const n = plurals('en')

export const en = {
  title: 'Privacy requests',
  note: 'What shoppers asked for, and until when it is to be answered: one month, by law. Open one on a person’s page.',
  notYours: { title: 'Approvers answer them', more: 'You can take in what a shopper asks for on their page, under People.' },
  open: {
    label: 'Open requests',
    title: 'To answer',
    count: (requests: number) => (requests === 0 ? 'no requests' : n(requests, { one: '# request', other: '# requests' })),
    none: 'Nothing is open',
    noneMore: 'When a shopper asks what you know of them, to be forgotten, or to be left alone, take it in on their page.',
  },
  answered: { label: 'Answered requests', title: 'Answered' },
  table: { asks: 'Asks for', shopper: 'Shopper', taken: 'Taken in', state: 'State', note: 'Note', actions: 'Actions' },
  by: (who: string) => `by ${who}`,
  receipt: 'Receipt',
  export: 'Export',
  refuse: {
    open: 'Refuse',
    title: 'Refuse it?',
    why: 'Why',
    whyMore: 'They have a right to know, and to complain',
    doIt: 'Refuse it',
    done: 'The request is refused, with your reason.',
  },
  askFor: {
    open: 'They ask for…',
    due: 'Due in a month, under Privacy requests',
    taken: (kind: string) => `Taken in: “${kind}”.`,
  },
  kinds: {
    access: {
      name: 'What is known of me',
      ask: 'Was the export handed over?',
      does: 'Export it first and give it to them. This notes that they have it.',
      doIt: 'Handed over',
      done: 'Noted: they have what is known of them.',
    },
    erasure: {
      name: 'Forget me',
      ask: 'Erase this shopper?',
      does: 'Profile, identifiers, consents, offers, browsers and face go at once, everywhere but in the log, where records lie under an id that nothing leads to until their time is over. It cannot be undone. The receipt says what was there, and what is left until when.',
      doIt: 'Erase',
      done: 'They are erased. The receipt is here.',
    },
    restriction: {
      name: 'Leave me alone',
      ask: 'Restrict what is done with this shopper?',
      does: 'Every consent is withdrawn, and the face is deleted. What is known stays, and is used for nothing that needs a consent until they say yes themselves.',
      doIt: 'Restrict',
      done: 'Every consent is withdrawn.',
    },
  },
  due: {
    refused: (day: string) => `Refused ${day}`,
    answered: (day: string) => `Answered ${day}`,
    late: (days: number) => n(days, { one: '# day late', other: '# days late' }),
    today: 'Due today',
    left: (days: number) => n(days, { one: '# day left', other: '# days left' }),
  },
}

export type Words = typeof en
