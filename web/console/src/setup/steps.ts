import type { Shop } from '@aisle/api'

/** The steps of the first set-up, in order. */
export const steps = ['admin', 'shop', 'plan', 'campaign', 'done'] as const

export type Step = (typeof steps)[number]

/** The first thing that is missing, for somebody who is signed in; nothing while it is not known. */
export function stepOf(shops: Shop[] | undefined, campaigns: number | undefined): Step | undefined {
  if (!shops || campaigns === undefined) return undefined
  if (shops.length === 0) return 'shop'
  if (shops.every(({ zones }) => zones.length === 0)) return 'plan'
  return campaigns === 0 ? 'campaign' : 'done'
}
