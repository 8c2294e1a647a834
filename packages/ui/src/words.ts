import type { CampaignStatus, ContractVersion, DecisionSummary, Delivery, DeviceHealth, DriftNotice, DriftState, Purpose, QuarantineReason, QuarantineState, Sensor, SourceKind, ZoneKind } from '@aisle/api'
import { spaced } from './format'
import { spoken } from './spoken'

/**
 * What the house's words are called on screens, in the language that is spoken when they are asked. A name that the
 * server says and that is new to this page is shown as it is.
 */

export type Tone = 'good' | 'warn' | 'bad' | 'info' | 'accent' | 'none'
export interface State {
  word: string
  tone: Tone
}

const campaignTone: Record<CampaignStatus, Tone> = { draft: 'none', live: 'good', paused: 'warn', archived: 'none' }
const deliveryTone: Record<Delivery['state'], Tone> = { claimed: 'none', sent: 'info', delivered: 'info', failed: 'bad', refused: 'warn', held: 'warn' }
const healthTone: Record<DeviceHealth['health'], Tone> = { ok: 'good', quiet: 'warn', lost: 'bad', unknown: 'none' }
const quarantineTone: Record<QuarantineState, Tone> = { waiting: 'warn', replaying: 'info', replayed: 'good', failed: 'bad' }
const contractTone: Record<ContractVersion['status'], Tone> = { draft: 'none', live: 'good', retired: 'none' }
const driftTone: Record<DriftState, Tone> = { open: 'warn', accepted: 'good', wrong: 'bad' }

export const campaignState = (status: CampaignStatus): State => ({ word: spoken.campaigns[status], tone: campaignTone[status] })
export const deliveryWord = (state: Delivery['state']): State => ({ word: spoken.deliveries[state] ?? spaced(state), tone: deliveryTone[state] ?? 'none' })
export const healthState = (health: DeviceHealth['health']): State => ({ word: spoken.health[health], tone: healthTone[health] })
export const quarantineState = (state: QuarantineState): State => ({ word: spoken.quarantine[state], tone: quarantineTone[state] })
export const contractState = (status: ContractVersion['status']): State => ({ word: spoken.contracts[status], tone: contractTone[status] })
export const driftState = (state: DriftState): State => ({ word: spoken.driftStates[state], tone: driftTone[state] })

/** How far a decision came, in one word. */
export function decisionState({ verdict, state, redeemed }: Pick<DecisionSummary, 'verdict' | 'state' | 'redeemed'>): State {
  const { verdicts } = spoken
  if (redeemed) return { word: verdicts.redeemed, tone: 'good' }
  if (verdict === 'no_offer') return { word: verdicts.no_offer, tone: 'none' }
  if (verdict === 'held_out') return { word: verdicts.held_out, tone: 'accent' }
  return state ? deliveryWord(state) : { word: verdicts.decided, tone: 'none' }
}

/** What the server says, in the language that is spoken if it has words for it. Elements that it is written in have `dir="auto"`. */
export const worded = (sentence: string) => spoken.sentence(sentence) ?? sentence

export const triggerWord = (event: string) => spoken.triggers[event] ?? spaced(event)
export const exclusionWord = (out: string) => spoken.exclusions[out] ?? spaced(out)
export const refusalWord = (refusal: string) => spoken.refusals[refusal] ?? spaced(refusal)
export const channelWord = (channel: string) => spoken.channels[channel] ?? spaced(channel)
export const purposeWord = (purpose: Purpose) => spoken.purposes[purpose] ?? spaced(purpose)
export const sensorWord = (sensor: Sensor) => spoken.sensors[sensor] ?? spaced(sensor)
export const zoneKindWord = (kind: ZoneKind) => spoken.zoneKinds[kind] ?? spaced(kind)
export const sourceKindWord = (kind: SourceKind) => spoken.sourceKinds[kind] ?? spaced(kind)
export const reasonWord = (reason: QuarantineReason) => spoken.reasons[reason] ?? spaced(reason)
export const driftWord = (kind: DriftNotice['kind']) => spoken.drifts[kind] ?? spaced(kind)

const triggers = [
  'zone_dwelled', 'zone_entered', 'recognised', 'zone_left', 'product_searched', 'product_viewed', 'product_list_viewed',
  'product_added', 'product_removed', 'cart_viewed', 'checkout_started', 'order_completed', 'offer_redeemed', 'scenario_completed',
]

/** The events that a campaign may wait for, in the order in which marketers think of them. */
export const triggerChoices = () => triggers.map((value) => ({ value, label: triggerWord(value) }))
