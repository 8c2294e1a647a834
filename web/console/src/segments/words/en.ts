import { plurals } from '@aisle/ui/language'

const n = plurals('en')

export const en = {
  segment: 'Segment',
  whoBelongs: 'Who belongs to it',
  usedBy: 'Used by',
  changed: 'Changed',

  list: {
    title: 'Segments',
    note: 'Rules with a name, for campaigns to share. Who belongs to one is looked at anew at each moment.',
    label: 'List of segments',
    add: 'New segment',
    none: 'No segment yet',
    noneMore: 'A segment says once who “gold coffee lovers” are. Each campaign for them follows when it changes.',
    first: 'Write the first segment',
    unused: 'Nothing yet',
    segments: (segments: number) => (segments === 0 ? 'no segments' : n(segments, { one: '# segment', other: '# segments' })),
  },

  add: {
    title: 'New segment',
    note: 'Who should this segment include?',
    save: 'Keep the segment',
    saved: (name: string) => `“${name}” is kept. Campaigns can be for it now.`,
  },

  page: {
    edit: 'Segment',
    history: 'History',
    id: 'segment id',
    save: 'Keep changes',
    saveLive: 'Keep, and change live campaigns',
    saved: (name: string) => `“${name}” is kept.`,
    savedWith: (name: string) => `“${name}” is kept, and its campaigns with it.`,
    about: 'About',
    unused: 'No campaign yet',
    version: 'Version',
    json: 'Segment as JSON',
    tookBack: (name: string, version: number) => `“${name}” is again as it was in version ${version}.`,
  },

  remove: {
    button: 'Remove',
    used: 'Campaigns are for it',
    title: 'Remove this segment?',
    says: 'No campaign is for it. Its history stays.',
    yes: 'Remove it',
    cancel: 'Cancel',
    done: (name: string) => `“${name}” is removed.`,
  },

  form: {
    name: 'Name',
    namePlaceholder: 'Gold coffee lovers',
    purpose: 'What it is for',
    rule: 'Who belongs to it?',
    ruleNote: 'Looked at anew at each moment',
    noName: 'Give the segment a name',
    noRule: 'Say who belongs to it',
    howMany: 'How many',
  },

  audience: {
    label: 'Who matches now',
    refused: 'Once the rule is right, its shoppers are counted here.',
    failed: 'They cannot be counted now; it is tried again in a moment.',
    counting: 'Counting…',
    match: (shoppers: number) => n(shoppers, { one: 'shopper matches now', other: 'shoppers match now' }),
    reached: 'can be reached',
    channels: { app: 'app', push: 'notification', sms: 'text message', email: 'e-mail', webhook: 'webhook' },
    about: (shoppers: string, margin: string) => `about ${shoppers} ± ${margin}`,
    ofAll: (shoppers: string) => `of ${shoppers} known`,
    ofSome: (shoppers: string, sample: string) => `of about ${shoppers} known, from a sample of ${sample}`,
    at: (ofWhom: string, time: string) => `${ofWhom}, at ${time}`,
    moment: (names: number) => n(names, { one: 'is known only when something happens, and empty here.', other: 'are known only when something happens, and empty here.' }),
  },
}

export type Words = typeof en
