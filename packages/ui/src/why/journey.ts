import type { Candidate, DecisionDetail, Delivery } from '@aisle/api'
import { percent, plural, spaced } from '../format'
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

const stops: Record<Delivery['state'], { name: string; tone: Tone }> = {
  claimed: { name: 'taken up by', tone: 'none' },
  sent: { name: 'sent by', tone: 'info' },
  delivered: { name: 'delivered by', tone: 'good' },
  failed: { name: 'failed by', tone: 'bad' },
  refused: { name: 'refused for', tone: 'warn' },
  held: { name: 'held for', tone: 'warn' },
}

const channel = (name: string) => channelWord[name] ?? spaced(name)

/** What happened when, in order, as far as it is known. */
export function journey(detail: DecisionDetail): Stop[] {
  const { decision, deliveries, redemption } = detail
  const told: Stop[] = [
    { name: 'Happened', at: Date.parse(decision.time), tone: 'none' },
    { name: 'Came to our door', at: Date.parse(decision.received), tone: 'none' },
    ...deliveries.map((delivery): Stop => {
      const { name, tone } = stops[delivery.state] ?? { name: delivery.state, tone: 'none' }
      const reason = delivery.refusal ? refusalWord(delivery.refusal) : delivery.detail
      return {
        name: `${spaced(name)} ${channel(delivery.channel)}`,
        at: Date.parse(delivery.at),
        tone,
        ...(reason && { detail: reason }),
      }
    }),
  ]
  if (redemption) told.push({ name: 'Redeemed at the till', at: Date.parse(redemption.at), tone: 'good' })
  const ordered = told.toSorted((a, b) => a.at - b.at)
  return ordered.map((stop, i) => (i === 0 ? stop : { ...stop, tookMs: stop.at - ordered[i - 1]!.at }))
}

/** For whose measuring a shopper gets no offer. */
const holders = { house: 'by the house, from every campaign', campaign: 'by the campaign' }

/** The decision in a sentence or two. */
export function inWords({ decision }: Pick<DecisionDetail, 'decision'>): string {
  const candidates = decision.candidates ?? []
  const running = candidates.filter(({ out }) => !out).length
  const looked =
    candidates.length === 0
      ? 'No campaign waits for this.'
      : running === 0
        ? `${capital(plural(candidates.length, 'offer'))} looked at, none of which could be made.`
        : candidates.length === 1
          ? 'One offer looked at, and it was in the running.'
          : `${capital(plural(candidates.length, 'offer'))} looked at, ${running === candidates.length ? 'all' : running} in the running.`
  switch (decision.verdict) {
    case 'offered':
      return `${looked} This one was drawn with a probability of ${percent(decision.probability ?? 1, decision.probability === 1 ? 0 : 1)}.`
    case 'held_out':
      return `${looked} One would have been made, but this shopper is held out ${holders[decision.held_by ?? 'campaign']}, so that it can be measured what ${decision.held_by === 'house' ? 'offers earn' : 'it earns'}.`
    default:
      return looked
  }
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** A feature's value for people: lists with commas, numbers short, nothing as a dash. */
export function featureText(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–'
  if (Array.isArray(value)) return value.length === 0 ? '–' : value.map(featureText).join(', ')
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toPrecision(3).replace(/\.?0+$/, '')
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'object') {
    const entries = Object.entries(value)
    return entries.length === 0 ? '–' : entries.map(([key, part]) => `${key} ${featureText(part)}`).join(', ')
  }
  return String(value)
}

/** Whether a feature says anything: defaults are counted, not listed. */
export const says = (value: unknown): boolean => !['–', '0', 'no'].includes(featureText(value))

const factors = [
  ['propensity', 'less likely to be taken'],
  ['weight', 'weighs less here'],
  ['value', 'worth less'],
  ['lever', 'held back by its lever'],
  ['reach', 'farther to walk'],
] as const

/** Where a loser fell behind who was made: its factors that are smaller, the smallest first. Nothing for the one itself. */
export function behind(loser: Candidate, made: Candidate | undefined): string {
  if (!made || (made.campaign === loser.campaign && made.offer === loser.offer)) return ''
  const lost = factors
    .map(([factor, word]) => ({ word, share: (loser[factor] ?? 0) / (made[factor] || 1) }))
    .filter(({ share }) => share < 0.995)
    .toSorted((a, b) => a.share - b.share)
    .map(({ word, share }) => `${word} (× ${share.toFixed(2)})`)
  if (lost.length > 0) return `Behind: ${lost.join(', ')}`
  return (loser.score ?? 0) >= (made.score ?? 0) ? 'No worse: the draw fell on the other' : ''
}
