import type { Offer, Redeemed } from '../api'

export type OfferState = 'open' | 'used' | 'expired'

export function stateOf(offer: Offer, now: number): OfferState {
  if (offer.redeemed) return 'used'
  return Date.parse(offer.expires) > now ? 'open' : 'expired'
}

/** The offers with this one in them, newest first. The same decision replaces itself, and what was used stays used. */
export function withOffer(offers: Offer[], offer: Offer): Offer[] {
  const before = offers.find((o) => o.decision === offer.decision)
  const merged = before?.redeemed && !offer.redeemed ? { ...offer, redeemed: before.redeemed } : offer
  return [merged, ...offers.filter((o) => o !== before)].sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
}

export function withRedeemed(offers: Offer[], { decision, at }: Redeemed): Offer[] {
  return offers.map((o) => (o.decision === decision ? { ...o, redeemed: at } : o))
}

/** "45 s left", "42 min left", "1 h 59 min left", "12 h left", "2 days left". */
export function timeLeft(expires: string, now: number): string {
  const seconds = Math.max(0, Math.ceil((Date.parse(expires) - now) / 1000))
  if (seconds < 90) return `${seconds} s left`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 90) return `${minutes} min left`
  const hours = Math.floor(minutes / 60)
  if (hours < 10) return `${hours} h ${minutes % 60} min left`
  return hours < 48 ? `${hours} h left` : `${Math.floor(hours / 24)} days left`
}

/** "19:00" today, with the day before it otherwise. */
export function clock(time: string, now: number, locale?: string): string {
  const at = new Date(time)
  const sameDay = at.toDateString() === new Date(now).toDateString()
  return at.toLocaleString(locale, {
    ...(!sameDay && { weekday: 'short', day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  })
}

/** The code in two halves, as it is read aloud: "7K3M 9QXZ". */
export const spelled = (code: string) => code.replace(/(.{4})(?=.)/g, '$1 ')

/** Where it may be used: "Footwear, Northwind". */
export const place = (offer: Offer) => [offer.zone_name, offer.shop_name].filter(Boolean).join(', ')
