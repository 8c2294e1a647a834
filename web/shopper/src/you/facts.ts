import type { Me, Offer } from '../api'
import { granted } from '../me'
import { m } from '../words'

/** What the shop knows of a shopper at a glance; the download has all of it. */
export function factsOf(me: Me, offers: Offer[], clock: (time: string) => string): [string, string][] {
  const { facts } = m
  const used = offers.filter((offer) => offer.redeemed).length
  const visit = me.visit
  return [
    [facts.name, me.name || m.notTold],
    [facts.phone, me.phone || (granted(me, 'sms') ? m.unconfirmed : m.notTold)],
    ...(me.tier ? [[facts.tier, me.tier] as [string, string]] : []),
    [facts.visit, visit ? m.since([visit.zone_name, visit.shop_name].filter(Boolean).join(', '), clock(visit.since)) : m.notNow],
    [facts.face, me.face.enrolled ? m.enrolled(me.face.at ? clock(me.face.at) : '').trim() : m.notEnrolled],
    [facts.offers, offers.length === 0 ? m.noneSoFar : m.offersUsed(offers.length, used)],
    [facts.shopper, me.shopper],
  ]
}
