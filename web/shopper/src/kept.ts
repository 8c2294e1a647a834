import type { Me, Offer } from './api'

/**
 * What the phone keeps, so that an offer can be used at a till without a
 * network. It is the shopper's own, on their own phone, and gone at sign-out.
 */
export interface Kept {
  me: Me
  offers: Offer[]
  /** Milliseconds since 1970, when the shop last said so. */
  at: number
}

const key = 'aisle.kept'
const most = 50

export function keep(kept: Kept) {
  try {
    localStorage.setItem(key, JSON.stringify({ ...kept, offers: kept.offers.slice(0, most) }))
  } catch {
    // Private browsing, or no room: the app then needs a network, and says so.
  }
}

export function recall(): Kept | undefined {
  try {
    const kept: Kept | null = JSON.parse(localStorage.getItem(key) ?? 'null')
    return kept?.me && Array.isArray(kept.offers) ? kept : undefined
  } catch {
    return undefined
  }
}

export const forget = () => localStorage.removeItem(key)
