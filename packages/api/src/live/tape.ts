import type { components } from '../schema'
import { fold, nothing, type Live } from './fold'
import type { Message } from './parse'

export type ReplaySpan = components['schemas']['ReplaySpan']
export type ReplayEnd = components['schemas']['ReplayEnd']

/** One message of a replay, and when the log had it. */
export interface Told extends Message {
  at: number
}

/** The ids of a replay are the log's times. */
export const toldAt = (message: Message): Told => ({ ...message, at: Number(message.id) / 1_000 })

/** Of these only the latest counts, and they say everything. */
const whole = new Set(['people', 'kpis'])

/**
 * Shows a shop as it was at any time of a replay, by the fold that also shows it live. Going on is cheap, going back
 * begins anew. More may be told while it is shown.
 */
export function projector(told: Told[]): (time: number) => Live {
  let live = nothing
  let next = 0 // the first message that is not in it
  return (time) => {
    if (next > 0 && told[next - 1]!.at > time) {
      live = nothing
      next = 0
    }
    const latest = new Map<string, Told>()
    for (; next < told.length && told[next]!.at <= time; next++) {
      const message = told[next]!
      if (whole.has(message.type)) latest.set(message.type, message)
      else live = fold(live, message)
    }
    for (const message of latest.values()) live = fold(live, message)
    return live
  }
}

/** What happened in a replay, to be marked on its line. */
export interface Mark {
  at: number
  kind: 'offered' | 'no_offer' | 'held_out' | 'refused' | 'redeemed'
}

/** The mark of a message, if it is worth one. */
export function markOf({ type, data, at }: Told): Mark | undefined {
  if (type === 'redemption') return { at, kind: 'redeemed' }
  const kind =
    type === 'decision' ? (JSON.parse(data) as components['schemas']['DecisionSummary']).verdict
    : type === 'delivery' && (JSON.parse(data) as components['schemas']['Delivery']).state === 'refused' ? 'refused'
    : undefined
  return kind && { at, kind }
}
