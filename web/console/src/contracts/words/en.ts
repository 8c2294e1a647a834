import { plurals } from '@aisle/ui/language'

const n = plurals('en')

export const en = {
  title: 'Contracts',
  note: 'What the properties of an event must be. What does not fulfil its contract lies in the quarantine, whole.',
  holds: (version: number) => `Version ${version} holds`,
  everySource: 'Every source',

  /** A contract that is started, by its event. */
  begin: {
    name: 'Name of the event',
    start: 'Start a contract',
    nameless: 'Name an event, such as product_viewed.',
    long: 'At most 100 characters.',
  },

  table: {
    label: 'List of contracts',
    none: 'No contract yet',
    noneMore: 'A contract says which properties an event must have, and of what type. Start one from an event below: its schema is proposed from what came so far.',
    event: 'Event',
    state: 'State',
    sources: 'For',
    refused: 'Refused, 24 h',
    taken: 'Taken so far',
    written: 'Written',
    draft: (version: number) => `Draft ${version}`,
    draftWaits: (version: number) => `draft ${version} waits`,
    writtenBy: (at: string, by: string) => `${at} by ${by}`,
  },

  without: {
    label: 'Events without a contract',
    title: 'Without a contract',
    note: 'taken whatever their properties are',
    from: 'From',
    actions: 'Actions',
    start: 'Start one',
    startFor: (event: string) => `Start a contract for ${event}`,
  },

  page: {
    unchecked: 'Not checked',
    event: 'event',
    refused: 'What was refused',
    edit: 'Contract',
    noContract: 'It has no contract',
    noContractMore: 'These events are taken whatever their properties are. Marketers and admins can start a contract.',
    proposed: 'This schema is proposed from what came so far: what always came is required. Take out what may be missing, then publish it.',
    nothingProposed: 'No such event came yet, so nothing can be proposed. Write what its properties must be, or wait for the first event and come back.',
  },

  retire: {
    retire: 'Retire',
    ask: (event: string) => `Check ${event} no more?`,
    askMore: 'From now on these events are taken whatever their properties are. The versions stay, and any of them can be published again.',
    yes: 'Retire it',
    done: (event: string) => `${event} is checked no more.`,
  },

  publish: {
    publish: 'Publish',
    ask: (version: number) => `Let version ${version} hold at the door?`,
    askThis: 'Let this hold at the door?',
    /** Behind what the trial said. */
    more: 'From now on what does not fulfil it lies in the quarantine, whole, until somebody mends it and sends it again.',
    untried: 'It was not tried on events yet.',
    insteadMore: 'It takes the place of the version that holds now. What does not fulfil it lies in the quarantine from then on.',
    done: (version: number, event: string) => `Version ${version} of ${event} holds within seconds.`,
  },

  form: {
    label: 'Schema',
    title: 'What the properties must be',
    dialect: 'JSON Schema, draft 2020-12',
    tidy: 'Tidy',
    schemaOf: (event: string) => `Schema of ${event}`,
    noObject: 'A contract is an object: {"type": "object", "properties": {…}}.',
    unusable: 'This schema cannot be used.',
    sources: 'For',
    sourcesMore: 'None: for every source.',
    conflict: 'Somebody else wrote a version meanwhile.',
    conflictMore: 'Copy your schema first, then load the newest.',
    reload: 'Load the newest',
    save: 'Save',
    note: 'What is different',
    noteOptional: 'What is different (optional)',
    takeBack: 'Take back',
    keep: 'Keep as a draft',
    kept: (version: number) => `Version ${version} is kept as a draft.`,
    publish: 'Publish…',
    publishVersion: (version: number) => `Publish version ${version}…`,
  },

  /** What a schema would have refused of what came lately. */
  trial: {
    title: 'What it would have refused',
    noJson: 'Once it is JSON again, it is tried on the latest events.',
    marked: 'The line is marked. Once it can be used, it is tried on the latest events.',
    nothing: 'Nothing to try it on',
    untested: 'No event of that name is remembered, so nothing could be tried.',
    pass: (tested: number) => n(tested, { one: 'All of the last one event would pass.', other: 'All of the last # events would pass.' }),
    fail: (failed: string, tested: number) => n(tested, { one: `Would have failed ${failed} of the last # event.`, other: `Would have failed ${failed} of the last # events.` }),
    why: 'Why, the most frequent first',
    latestFrom: 'the latest from',
  },

  history: {
    publish: (version: number) => `Publish version ${version}`,
    schema: 'This version’s schema',
  },
}

export type Words = typeof en
