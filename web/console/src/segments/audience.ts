import type { Audience, Estimate } from '@aisle/api'
import { count } from '@aisle/ui'
import { t } from './words'

/** A margin in one digit, upwards, and what it is a margin of as exactly as that. */
function rounded({ count, margin }: Estimate): Estimate {
  const step = margin > 0 ? 10 ** Math.floor(Math.log10(margin)) : 1
  return { count: Math.round(count / step) * step, margin: Math.ceil(margin / step) * step }
}

/** "4,218", or "about 12,400 ± 300". */
export function howMany(of: Estimate): string {
  const { count: n, margin } = rounded(of)
  return margin > 0 ? t.audience.about(count(n), count(margin)) : count(n)
}

/** Of whom these are: "of 640 known", or "of about 1,200,000 known, from a sample of 20,000". */
export const ofWhom = ({ shoppers, sampled, whole }: Audience): string =>
  whole ? t.audience.ofAll(count(shoppers.count)) : t.audience.ofSome(count(rounded(shoppers).count), count(sampled))

/** How wide a bar is for a part of all, in per cent. */
export const share = (part: Estimate, all: Estimate): number => (all.count > 0 ? Math.min(100, (100 * part.count) / all.count) : 0)
