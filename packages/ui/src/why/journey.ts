import type { Candidate, DecisionDetail, Delivery } from '@aisle/api'
import { fixed, percent } from '../format'
import { spoken } from '../spoken'
import { channelWord, refusalWord, type Tone } from '../words'

/** One stop on the way from what happened to the phone and back to the till. */
export interface Stop {
  name: string
  /** Milliseconds of the epoch. */
  at: number
  /** Since the stop before; absent at the first. */
  tookMs?: number
  tone: Tone
  detail?: string
}

const tones: Record<Delivery['state'], Tone> = { claimed: 'none', sent: 'info', delivered: 'good', failed: 'bad', refused: 'warn', held: 'warn' }

/** What happened when, in order, as far as it is known. */
export function journey(detail: DecisionDetail): Stop[] {
  const { decision, deliveries, redemption } = detail
  const says = spoken.why
  const told: Stop[] = [
    { name: says.happened, at: Date.parse(decision.time), tone: 'none' },
    { name: says.received, at: Date.parse(decision.received), tone: 'none' },
    ...deliveries.map((delivery): Stop => {
      const reason = delivery.refusal ? refusalWord(delivery.refusal) : delivery.detail
      return {
        name: says.stops[delivery.state](channelWord(delivery.channel)),
        at: Date.parse(delivery.at),
        tone: tones[delivery.state],
        ...(reason && { detail: reason }),
      }
    }),
  ]
  if (redemption) told.push({ name: says.redeemed, at: Date.parse(redemption.at), tone: 'good' })
  const ordered = told.toSorted((a, b) => a.at - b.at)
  return ordered.map((stop, i) => (i === 0 ? stop : { ...stop, tookMs: stop.at - ordered[i - 1]!.at }))
}

/** The decision in a sentence or two. */
export function inWords({ decision }: Pick<DecisionDetail, 'decision'>): string {
  const candidates = decision.candidates ?? []
  const running = candidates.filter(({ out }) => !out).length
  const says = spoken.why
  const looked =
    candidates.length === 0 ? says.nobody : running === 0 ? says.noneMade(candidates.length) : candidates.length === 1 ? says.theOne : says.looked(candidates.length, running)
  switch (decision.verdict) {
    case 'offered':
      return `${looked} ${says.drawn(percent(decision.probability ?? 1, decision.probability === 1 ? 0 : 1))}`
    case 'held_out':
      return `${looked} ${decision.held_by === 'house' ? says.heldByHouse : says.heldByCampaign}`
    default:
      return looked
  }
}

/** A feature's value for people: lists with commas, numbers short, nothing as a dash. */
export function featureText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(featureText).join(', ')
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toPrecision(3).replace(/\.?0+$/, '')
  if (typeof value === 'boolean') return value ? spoken.yes : spoken.no
  if (typeof value === 'object') {
    const entries = Object.entries(value)
    return entries.length === 0 ? '–' : entries.map(([key, part]) => `${key} ${featureText(part)}`).join(', ')
  }
  return String(value)
}

/** Whether a feature says anything: defaults are counted, not listed. */
export const says = (value: unknown): boolean => !['–', '0', spoken.no].includes(featureText(value))

const factors = ['propensity', 'weight', 'value', 'lever', 'reach'] as const

/** Where a loser fell behind who was made: its factors that are smaller, the smallest first. Nothing for the one itself. */
export function behind(loser: Candidate, made: Candidate | undefined): string {
  if (!made || (made.campaign === loser.campaign && made.offer === loser.offer)) return ''
  const lost = factors
    .map((factor) => ({ word: spoken.why.less[factor], share: (loser[factor] ?? 0) / (made[factor] || 1) }))
    .filter(({ share }) => share < 0.995)
    .toSorted((a, b) => a.share - b.share)
    .map(({ word, share }) => `${word} (× ${fixed(share, 2)})`)
  if (lost.length > 0) return spoken.why.behind(lost.join(', '))
  return (loser.score ?? 0) >= (made.score ?? 0) ? spoken.why.noWorse : ''
}
