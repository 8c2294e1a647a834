import type { CampaignStatus, ContractVersion, DecisionSummary, Delivery, DeviceHealth, DriftNotice, DriftState, Purpose, QuarantineReason, QuarantineState, Sensor, SourceKind, ZoneKind } from '@aisle/api'
import { plurals } from '../language'

const n = plurals('en')
const offers = (many: number) => n(many, { one: '# offer', other: '# offers' })

/** Words by a name that the server says; a name that is new to this page is shown as it is. */
type Named = Record<string, string>
/** How somebody is said to have been reached: by which channel. */
type Reached = (channel: string) => string

const triggers: Named = {
  page_viewed: 'Looked at a page',
  product_searched: 'Searched the web shop',
  product_list_viewed: 'Looked at a list of products',
  product_viewed: 'Looked at a product',
  product_added: 'Put something in the basket',
  product_removed: 'Took something out of the basket',
  cart_viewed: 'Looked at the basket',
  checkout_started: 'Went to pay on the web',
  order_completed: 'Bought something',
  identified: 'Said who they are',
  consent_changed: 'Changed a consent',
  recognised: 'Recognised at a camera',
  zone_entered: 'Entered a zone',
  zone_dwelled: 'Stayed in a zone',
  zone_left: 'Left a zone',
  checked_in: 'Checked in by the app',
  device_lent: 'Phone or tag used by another',
  offer_placed: 'A page or screen asked',
  offer_viewed: 'Looked at an offer',
  offer_clicked: 'Opened an offer',
  offer_redeemed: 'Redeemed an offer',
  scenario_completed: 'Completed a scenario',
  timer_due: 'Time passed',
}

const exclusions: Named = {
  late: 'Came too late',
  schedule: 'Not at this time',
  consent: 'No consent',
  lent: 'Phone is lent',
  quiet_zone: 'Quiet zone',
  eligibility: 'Not for this shopper',
  applicability: 'Does not fit now',
  suitability: 'Better not',
  excluded: 'Not while they are in a scenario',
  cap: 'Had it often enough',
  cooldown: 'Had one lately',
  rule_error: 'Its rule failed',
  holdout: 'Held out, to measure',
  split: 'Keeps to another of its offers',
  representation: 'Not made for that place',
  shown: 'Shown already',
  budget: 'Budget used up',
}

const refusals: Named = {
  consent: 'The shopper has not agreed to this channel.',
  cap: 'The shopper has had as many messages as they may.',
  quiet_hours: 'It is the quiet hours of the shop.',
  no_address: 'No number or app to send it to is known.',
  expired: 'The offer had expired before it could be sent.',
  replaced: 'A better offer waited in its place.',
  contacts: 'The shopper has been disturbed enough today.',
  stock: 'All that there were have been given away.',
  budget: 'The budget of the campaign is used up.',
  campaign: 'The campaign was not live any more.',
  text: 'The text asks for something that is not known of the shopper.',
}

const deliveries: Record<Delivery['state'], string> = { claimed: 'Sending', sent: 'Sent', delivered: 'Delivered', failed: 'Failed', refused: 'Refused', held: 'Held' }
const purposes: Record<Purpose, string> = {
  push: 'Offers in the app',
  sms: 'Text messages',
  email: 'E-mail',
  search: 'Use of web searches',
  location: 'Location in the shop',
  face: 'Recognition by camera',
}
const sensors: Record<Sensor, string> = { camera: 'Camera', beacon: 'Tag', app: 'App', till: 'Till' }
const zoneKinds: Record<ZoneKind, string> = { sales: 'Sales', entrance: 'Entrance', checkout: 'Checkout', quiet: 'Quiet: nothing is sent' }
const channels: Named = { sms: 'SMS', app: 'App', push: 'Notification', email: 'E-mail', webhook: 'Webhook' }
const health: Record<DeviceHealth['health'], string> = { ok: 'Hears', quiet: 'Quiet', lost: 'Lost', unknown: 'Never heard' }
const verdicts: Record<DecisionSummary['verdict'] | 'redeemed' | 'decided', string> = { no_offer: 'No offer', held_out: 'Held out', offered: 'Offered', redeemed: 'Redeemed', decided: 'Decided' }
const campaigns: Record<CampaignStatus, string> = { draft: 'Draft', live: 'Live', paused: 'Paused', archived: 'Archived' }
const sourceKinds: Record<SourceKind, string> = { website: 'Web site', app: 'App', server: 'Server', till: 'Till' }
const reasons: Record<QuarantineReason, string> = {
  encoding: 'Could not be read',
  schema: 'Wrong shape',
  size: 'Too large',
  clock: 'Impossible time',
  unknown: 'Names something unknown',
  auth: 'Not allowed',
  bot: 'A robot',
  poison: 'Made a later room fail',
}
const quarantine: Record<QuarantineState, string> = { waiting: 'Waits', replaying: 'At the door', replayed: 'Became events', failed: 'Put aside again' }
const contracts: Record<ContractVersion['status'], string> = { draft: 'Draft', live: 'Holds', retired: 'Retired' }
const drifts: Record<DriftNotice['kind'], string> = {
  new_event: 'New event',
  new_field: 'New field',
  missing_field: 'Field is missing',
  retyped_field: 'Other type',
  unassigned: 'Has no name yet',
}
const driftStates: Record<DriftState, string> = { open: 'To judge', accepted: 'Right so', wrong: 'A mistake' }
const stops: Record<Delivery['state'], Reached> = {
  claimed: (channel) => `Taken up by ${channel}`,
  sent: (channel) => `Sent by ${channel}`,
  delivered: (channel) => `Delivered by ${channel}`,
  failed: (channel) => `Failed by ${channel}`,
  refused: (channel) => `Refused for ${channel}`,
  held: (channel) => `Held for ${channel}`,
}

/** What the shared parts of the console and the staff's dashboard say. */
export const en = {
  triggers,
  exclusions,
  refusals,
  deliveries,
  purposes,
  sensors,
  zoneKinds,
  channels,
  health,
  verdicts,
  campaigns,
  sourceKinds,
  reasons,
  quarantine,
  contracts,
  drifts,
  driftStates,

  units: {
    ms: (n: string) => `${n} ms`,
    s: (n: string) => `${n} s`,
    min: (n: string) => `${n} min`,
    h: (n: string) => `${n} h`,
    days: (days: number) => n(days, { one: '# day', other: '# days' }),
    pt: (n: string) => `${n} pt`,
    now: 'now',
    ago: (span: string) => `${span} ago`,
  },

  /** Between words of a list. */
  comma: ', ',
  yes: 'yes',
  no: 'no',
  nothing: 'nothing',
  failed: 'That did not work.',
  again: 'Try again',
  /** What a sentence of the server's is, if it is not English that is spoken. */
  sentence: (_sentence: string): string | undefined => undefined,
  /** What went wrong, without the kind of error in the midst of it. */
  problem: (_status: number, said: string) => said.replace(/(: )(invalid|conflict|denied|not found): /, '$1'),
  copy: (what: string) => `Copy ${what}`,
  copied: 'Copied',
  rawJson: 'Raw JSON',
  place: (line: number, column: number) => `Line ${line}, column ${column}`,
  /** Why a text is no JSON. */
  noJson: {
    quote: 'The text that begins here has no closing quote.',
    control: 'A line break or tab within a text is written \\n or \\t.',
    hex: '\\u needs four hexadecimal digits.',
    backslash: 'A backslash is written twice: \\\\.',
    openList: 'The list is not closed: ] is missing.',
    listComma: 'Between two values of a list stands a comma.',
    commaBeforeBracket: 'There is a comma too many before ].',
    openObject: 'The object is not closed: } is missing.',
    name: 'Here stands a name in double quotes.',
    colon: 'Behind a name stands a colon.',
    objectComma: 'Between two properties stands a comma.',
    commaBeforeBrace: 'There is a comma too many before }.',
    deep: 'This is nested too deep.',
    noValue: 'A value is missing.',
    value: 'Here stands a value: a text in double quotes, a number, true, false, null, { or [.',
    ended: 'The JSON has ended before this.',
  },
  lightColours: 'Light colours',
  darkColours: 'Dark colours',

  live: {
    live: 'Live',
    behind: (span: string) => `${span} behind`,
    connecting: 'Connecting…',
    replay: 'Replay',
    lost: 'Not connected',
    silent: 'No news',
    trying: 'trying again',
    asOf: (ago: string) => `shown as of ${ago}`,
  },

  plan: {
    zoneNow: (zone: string, people: number, optedIn: number) => `${zone}: ${n(people, { one: '# person', other: '# people' })}, ${optedIn} opted in`,
    device: { camera: (id: string) => `Camera ${id}`, receiver: (id: string) => `Receiver ${id}` },
    withState: (device: string, state: string) => `${device}: ${state.toLowerCase()}`,
  },

  why: {
    inWords: 'In words',
    nobody: 'No campaign waits for this.',
    noneMade: (many: number) => `${offers(many)} looked at, none of which could be made.`,
    theOne: 'One offer looked at, and it was in the running.',
    looked: (many: number, running: number) => `${offers(many)} looked at, ${running === many ? 'all' : running} in the running.`,
    drawn: (probability: string) => `This one was drawn with a probability of ${probability}.`,
    heldByHouse: 'One would have been made, but this shopper is held out by the house, from every campaign, so that it can be measured what offers earn.',
    heldByCampaign: 'One would have been made, but this shopper is held out by the campaign, so that it can be measured what it earns.',

    way: 'From the event to the phone',
    whole: (span: string) => `${span} from our door to the phone`,
    start: 'Start',
    happened: 'Happened',
    received: 'Came to our door',
    redeemed: 'Redeemed at the till',
    stops,

    running: 'In the running',
    formula: 'P × C × V × L × R is the score; better scores are drawn more often',
    off: (factors: string) => `. Switched off, so that it counts 1: ${factors}`,
    scores: 'Scores of the offers in the running',
    offer: 'Offer',
    P: 'Propensity: the chance that the shopper takes it, as the model has learned, and how sure it is',
    C: 'Context weight, set by the campaign',
    V: 'Value: what a redemption is worth to the shop',
    L: 'Lever: the thumb on the scale, set by the campaign',
    R: 'Reach: 1 at the offer’s zone, less farther away',
    score: 'Score',
    drawnWith: 'Drawn with',
    made: 'Made',
    wouldBeMade: 'Would have been made',
    behind: (what: string) => `Behind: ${what}`,
    noWorse: 'No worse: the draw fell on the other',
    less: {
      propensity: 'less likely to be taken',
      weight: 'weighs less here',
      value: 'worth less',
      lever: 'held back by its lever',
      reach: 'farther to walk',
    },

    shownIn: 'What was shown in',
    fallback: 'the fallback: nothing else could be shown',
    inOrder: 'in this order',
    noFallback: 'Nothing: this placement has no fallback.',
    everybody: 'for everybody',
    drawnBy: (probability: string) => `drawn with ${probability}`,
    told: (what: string) => `The page said: ${what}.`,

    notOthers: 'Why not the others',
    firstReason: 'the first reason that applied',

    consents: 'Consents at that moment',
    consentsNote: 'nothing is used without one',
    noConsents: 'None are on record with this decision.',

    woke: 'What woke it',
    facts: {
      what: 'What', where: 'Where', long: 'How long', query: 'Searched for', product: 'Product', worth: 'Worth', sure: 'Sure of it', senses: 'Seen by', searched: 'Searched lately', tier: 'Loyalty tier', source: 'Told by',
    },
    eventJson: 'The event as JSON',

    features: 'What was known of the shopper',
    featuresNote: 'exactly as the decision saw it',
    nothingKnown: 'Nothing: this shopper was new.',
    atNought: (many: number) => n(many, { one: '# more was at nought.', other: '# more were at nought.' }),

    rules: 'The campaign’s rules',
    version: (version: number) => `version ${version}, as it is now`,
    noRules: 'It has none: everybody who wakes it may get it.',
    may: 'May they?',
    sense: 'Does it make sense now?',
    should: 'Should we?',

    names: 'Names',
    ids: { decision: 'Decision', trace: 'Trace', shopper: 'Shopper', event: 'Event', campaign: 'Campaign', model: 'Model' },
    idOf: (what: string) => `${what.toLowerCase()} id`,
    channels: 'Channels',
    json: 'The decision as JSON',
  },
}

export type Spoken = typeof en
