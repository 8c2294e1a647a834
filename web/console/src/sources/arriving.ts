import type { ShapeField, ShapeSummary } from '@aisle/api'
import { percent } from '@aisle/ui'
import { t } from './words'

/** What one source sends, of all its events. */
export interface Arrival {
  source: string
  events: string[]
  count: number
  last: string
  open: number
  mapping?: number
}

/** A line a source, that with changes to judge first, then the latest. */
export function bySource(shapes: ShapeSummary[]): Arrival[] {
  const found = new Map<string, Arrival>()
  for (const { source, event, count, last, open_notices: open, mapping } of shapes.toSorted((a, b) => b.count - a.count)) {
    const one = found.get(source) ?? { source, events: [], count: 0, last, open: 0 }
    one.events.push(event)
    one.count += count
    one.open += open
    if (Date.parse(last) > Date.parse(one.last)) one.last = last
    if (mapping) one.mapping = mapping
    found.set(source, one)
  }
  return [...found.values()].toSorted((a, b) => b.open - a.open || Date.parse(b.last) - Date.parse(a.last))
}

/** A few names, and how many more. */
export const named = (names: string[], most = 4): string =>
  names.length <= most ? names.join(', ') : t.andMore(names.slice(0, most - 1).join(', '), names.length - most + 1)

/** The write key's name in a source of the stream: segment/website is of the key "website". */
export const keyName = (source: string): string => source.slice(source.indexOf('/') + 1)

const words: Record<string, string> = t.shape.types

/** The types of a field, the most frequent first, with their shares where there are several. */
export function typeWords(types: ShapeField['types']): string {
  const sorted = Object.entries(types)
    .filter(([, share]) => share > 0)
    .toSorted(([, a], [, b]) => b - a)
  return sorted.map(([type, share]) => (sorted.length === 1 ? (words[type] ?? type) : `${words[type] ?? type} ${share < 0.01 ? '<1%' : percent(share, 0)}`)).join(t.shape.and)
}

/** What is different from when the shape was learned: nothing where it is the same, or nothing was learned. */
export function sinceLearned({ types, baseline, share }: ShapeField, learned: boolean): string | undefined {
  if (!learned) return undefined
  if (!baseline || baseline.length === 0) return t.shape.new
  const was = new Set(baseline.map(kind))
  const other = Object.keys(types).filter((type) => (types[type] ?? 0) > 0 && type !== 'null' && !was.has(kind(type)))
  if (other.length > 0) return t.shape.was(baseline.map((type) => words[type] ?? type).join(t.shape.and))
  return share === 0 ? t.shape.gone : undefined
}

/** 19 and 19.99 are alike. */
const kind = (type: string) => (type === 'integer' ? 'number' : type)
