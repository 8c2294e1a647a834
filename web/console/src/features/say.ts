import type { Feature } from '@aisle/api'

const what: Record<Feature['aggregate'], string> = {
  count: 'how many',
  sum: 'sum',
  min: 'least',
  max: 'greatest',
  avg: 'average',
  first: 'first',
  last: 'last',
  distinct: 'how many different',
  top: 'most frequent',
  rate: 'how many for each',
  since: 'hours since the last',
  sessions: 'how many visits',
}

/** What a feature makes of its events, in a line: "sum of value, by category". */
export const makes = ({ aggregate, of, by, per = [] }: Feature) =>
  [what[aggregate], of && `of ${of}`, per.length > 0 && per.join(', '), by && `, by ${by}`]
    .filter(Boolean)
    .join(' ')
    .replace(' ,', ',')

/** A value's groups, the greatest first, with their share of the greatest. */
export function bars(value: unknown): { key: string; n: number; share: number }[] {
  if (typeof value !== 'object' || value === null) return []
  const all = Object.entries(value as Record<string, number>).map(([key, n]) => ({ key, n }))
  const most = Math.max(...all.map(({ n }) => Math.abs(n)), 0)
  return all.sort((a, b) => b.n - a.n || a.key.localeCompare(b.key)).map(({ key, n }) => ({ key, n, share: most === 0 ? 0 : Math.max(0, n) / most }))
}
