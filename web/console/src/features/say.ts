import type { Feature } from '@aisle/api'
import { t } from './words'

/** What a feature makes of its events, in a line: "sum of value, by category". */
export const makes = ({ aggregate, of, by, per = [] }: Feature) =>
  [t.makes[aggregate], of && ` ${t.of(of)}`, per.length > 0 && ` ${per.join(t.and)}`, by && t.by(by)].filter(Boolean).join('')

/** A value's groups, the greatest first, with their share of the greatest. */
export function bars(value: unknown): { key: string; n: number; share: number }[] {
  if (typeof value !== 'object' || value === null) return []
  const all = Object.entries(value as Record<string, number>).map(([key, n]) => ({ key, n }))
  const most = Math.max(...all.map(({ n }) => Math.abs(n)), 0)
  return all.sort((a, b) => b.n - a.n || a.key.localeCompare(b.key)).map(({ key, n }) => ({ key, n, share: most === 0 ? 0 : Math.max(0, n) / most }))
}
