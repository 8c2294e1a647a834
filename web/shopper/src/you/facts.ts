import type { Me, Offer } from '../api'

/** What the shop knows of a shopper at a glance; the download has all of it. */
export function factsOf(me: Me, offers: Offer[], clock: (time: string) => string): [string, string][] {
  const used = offers.filter((offer) => offer.redeemed).length
  const visit = me.visit
  return [
    ['Name', me.name || 'not told'],
    ['Phone', me.phone || 'not told'],
    ...(me.tier ? [['Tier', me.tier] as [string, string]] : []),
    ['In the shop', visit ? `${[visit.zone_name, visit.shop_name].filter(Boolean).join(', ')}, since ${clock(visit.since)}` : 'not now, as far as we know'],
    ['Face', me.face.enrolled ? `enrolled${me.face.at ? ` ${clock(me.face.at)}` : ''}` : 'not enrolled'],
    ['Offers', offers.length === 0 ? 'none yet' : `${offers.length}, ${used} used`],
    ['Known to us as', me.shopper],
  ]
}
