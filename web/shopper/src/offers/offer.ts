import type { Offer, Rank, Redeemed } from '../api'
import { t } from '../words'

export type OfferState = 'open' | 'used' | 'expired'

export function stateOf(offer: Offer, now: number): OfferState {
  if (offer.redeemed) return 'used'
  return Date.parse(offer.expires) > now ? 'open' : 'expired'
}

/** The offers with this one in them, newest first. The same decision replaces itself: a use of it may have been taken back. */
export function withOffer(offers: Offer[], offer: Offer): Offer[] {
  return [offer, ...offers.filter((o) => o.decision !== offer.decision)].sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
}

export function withRedeemed(offers: Offer[], { decision, at }: Redeemed): Offer[] {
  return offers.map((o) => (o.decision === decision ? { ...o, redeemed: at } : o))
}

/** "45 s left", "42 min left", "1 h 59 min left", "12 h left", "2 days left". */
export function timeLeft(expires: string, now: number): string {
  const seconds = Math.max(0, Math.ceil((Date.parse(expires) - now) / 1000))
  if (seconds < 90) return t.left.seconds(seconds)
  const minutes = Math.floor(seconds / 60)
  if (minutes < 90) return t.left.minutes(minutes)
  const hours = Math.floor(minutes / 60)
  if (hours < 10) return t.left.hours(hours, minutes % 60)
  return hours < 48 ? t.left.hours(hours, 0) : t.left.days(Math.floor(hours / 24))
}

/** The open offers as they stand: those that are chosen, best first, then those that no longer are. One without a rank is new, and first. */
export function ranked(open: Offer[], ranking: Rank[]): { chosen: Offer[]; others: Offer[] } {
  const ranks = new Map(ranking.map((rank, place) => [rank.decision, { place, chosen: rank.chosen }]))
  const place = (offer: Offer) => ranks.get(offer.decision)?.place ?? -1
  const all = open.toSorted((a, b) => place(a) - place(b))
  const out = (offer: Offer) => ranks.get(offer.decision)?.chosen === false
  return { chosen: all.filter((offer) => !out(offer)), others: all.filter(out) }
}

/** The code in two halves, as it is read aloud: "7K3M 9QXZ". */
export const spelled = (code: string) => code.replace(/(.{4})(?=.)/g, '$1 ')

/** Where it may be used: "Footwear, Northwind". */
export const place = (offer: Offer) => [offer.zone_name, offer.shop_name].filter(Boolean).join(', ')
