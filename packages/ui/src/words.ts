import type { CampaignStatus, ContractVersion, DecisionSummary, Delivery, DeviceHealth, DriftNotice, DriftState, QuarantineReason, QuarantineState, SourceKind } from '@aisle/api'
import { spaced } from './format'
import { en, spoken } from './spoken'

export { channelWord, purposeWord, sensorWord, zoneKindWord } from './spoken'

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

const deliveryTone: Record<Delivery['state'], Tone> = { claimed: 'none', sent: 'info', delivered: 'info', failed: 'bad', refused: 'warn', held: 'warn' }

export const deliveryWord = (state: Delivery['state']): State => ({ word: spoken.deliveries[state] ?? spaced(state), tone: deliveryTone[state] ?? 'none' })

/** How far a decision came, in one word. */
export function decisionState({ verdict, state, redeemed }: Pick<DecisionSummary, 'verdict' | 'state' | 'redeemed'>): State {
  const { verdicts } = spoken
  if (redeemed) return { word: verdicts.redeemed, tone: 'good' }
  if (verdict === 'no_offer') return { word: verdicts.no_offer, tone: 'none' }
  if (verdict === 'held_out') return { word: verdicts.held_out, tone: 'accent' }
  return state ? deliveryWord(state) : { word: verdicts.decided, tone: 'none' }
}

export const triggerWord = (event: string) => spoken.triggers[event] ?? spaced(event)
export const exclusionWord = (out: string) => spoken.exclusions[out] ?? spaced(out)
export const refusalWord = (refusal: string) => spoken.refusals[refusal] ?? spaced(refusal)

/** The events that a campaign may wait for, in the order in which marketers think of them. */
export const triggerChoices = [
  'zone_dwelled', 'zone_entered', 'recognised', 'zone_left', 'product_searched', 'product_viewed', 'product_list_viewed',
  'product_added', 'product_removed', 'cart_viewed', 'checkout_started', 'order_completed', 'offer_redeemed', 'scenario_completed',
].map((value) => ({ value, label: triggerWord(value) }))

export const sourceKindWord: Record<SourceKind, string> = { website: 'Web site', app: 'App', server: 'Server', till: 'Till' }

export const healthState: Record<DeviceHealth['health'], State> = {
  ok: { word: en.health.ok, tone: 'good' },
  quiet: { word: en.health.quiet, tone: 'warn' },
  lost: { word: en.health.lost, tone: 'bad' },
  unknown: { word: en.health.unknown, tone: 'none' },
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
