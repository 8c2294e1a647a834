import type { CampaignStatus, ContractVersion, DecisionSummary, Delivery, DeviceHealth, DriftNotice, DriftState, Purpose, QuarantineReason, QuarantineState, Sensor, SourceKind, ZoneKind } from '@aisle/api'
import { spaced } from './format'

/** What the house's words are called on screens. */

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'accent' | 'none'
export interface State {
  word: string
  tone: Tone
}

export const campaignState: Record<CampaignStatus, State> = {
  draft: { word: 'Draft', tone: 'none' },
  live: { word: 'Live', tone: 'good' },
  paused: { word: 'Paused', tone: 'warn' },
  archived: { word: 'Archived', tone: 'none' },
}

const deliveryState: Record<Delivery['state'], State> = {
  claimed: { word: 'Sending', tone: 'none' },
  sent: { word: 'Sent', tone: 'info' },
  delivered: { word: 'Delivered', tone: 'info' },
  failed: { word: 'Failed', tone: 'bad' },
  refused: { word: 'Refused', tone: 'warn' },
  held: { word: 'Held', tone: 'warn' },
}

export const deliveryWord = (state: Delivery['state']): State => deliveryState[state] ?? { word: spaced(state), tone: 'none' }

/** How far a decision came, in one word. */
export function decisionState(decision: Pick<DecisionSummary, 'verdict' | 'state' | 'redeemed'>): State {
  if (decision.redeemed) return { word: 'Redeemed', tone: 'good' }
  if (decision.verdict === 'no_offer') return { word: 'No offer', tone: 'none' }
  if (decision.verdict === 'held_out') return { word: 'Held out', tone: 'accent' }
  return decision.state ? deliveryWord(decision.state) : { word: 'Decided', tone: 'none' }
}

const triggers: Record<string, string> = {
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

export const triggerWord = (event: string) => triggers[event] ?? spaced(event)

/** The events that a campaign may wait for, in the order in which marketers think of them. */
export const triggerChoices = [
  'zone_dwelled', 'zone_entered', 'recognised', 'zone_left', 'product_searched', 'product_viewed', 'product_list_viewed',
  'product_added', 'product_removed', 'cart_viewed', 'checkout_started', 'order_completed', 'offer_redeemed', 'scenario_completed',
].map((value) => ({ value, label: triggerWord(value) }))

const exclusions: Record<string, string> = {
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

export const exclusionWord = (out: string) => exclusions[out] ?? spaced(out)

const refusals: Record<string, string> = {
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

export const refusalWord = (refusal: string) => refusals[refusal] ?? spaced(refusal)

export const purposeWord: Record<Purpose, string> = {
  push: 'Offers in the app',
  sms: 'Text messages',
  email: 'E-mail',
  search: 'Use of web searches',
  location: 'Location in the shop',
  face: 'Recognition by camera',
}

export const sensorWord: Record<Sensor, string> = { camera: 'Camera', beacon: 'Tag', app: 'App', till: 'Till' }

export const zoneKindWord: Record<ZoneKind, string> = {
  sales: 'Sales',
  entrance: 'Entrance',
  checkout: 'Checkout',
  quiet: 'Quiet: nothing is sent',
}

export const sourceKindWord: Record<SourceKind, string> = { website: 'Web site', app: 'App', server: 'Server', till: 'Till' }

export const channelWord: Record<string, string> = { sms: 'SMS', app: 'App', push: 'Notification', email: 'E-mail', webhook: 'Webhook' }

export const healthState: Record<DeviceHealth['health'], State> = {
  ok: { word: 'Hears', tone: 'good' },
  quiet: { word: 'Quiet', tone: 'warn' },
  lost: { word: 'Lost', tone: 'bad' },
  unknown: { word: 'Never heard', tone: 'none' },
}

export const reasonWord: Record<QuarantineReason, string> = {
  encoding: 'Could not be read',
  schema: 'Wrong shape',
  size: 'Too large',
  clock: 'Impossible time',
  unknown: 'Names something unknown',
  auth: 'Not allowed',
  bot: 'A robot',
  poison: 'Made a later room fail',
}

export const quarantineState: Record<QuarantineState, State> = {
  waiting: { word: 'Waits', tone: 'warn' },
  replaying: { word: 'At the door', tone: 'info' },
  replayed: { word: 'Became events', tone: 'good' },
  failed: { word: 'Put aside again', tone: 'bad' },
}

export const contractState: Record<ContractVersion['status'], State> = {
  draft: { word: 'Draft', tone: 'none' },
  live: { word: 'Holds', tone: 'good' },
  retired: { word: 'Retired', tone: 'none' },
}

export const driftWord: Record<DriftNotice['kind'], string> = {
  new_event: 'New event',
  new_field: 'New field',
  missing_field: 'Field is missing',
  retyped_field: 'Other type',
  unassigned: 'Has no name yet',
}

export const driftState: Record<DriftState, State> = {
  open: { word: 'To judge', tone: 'warn' },
  accepted: { word: 'Right so', tone: 'good' },
  wrong: { word: 'A mistake', tone: 'bad' },
}
