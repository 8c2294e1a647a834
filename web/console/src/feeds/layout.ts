import { worded } from '@aisle/ui'
import { t } from './words'

/** How times are written: the plan has Go's reference time, people write DD.MM.YYYY. */

const { layouts } = t.fields
const named = Object.entries(layouts)

/** Longer ones first, so that January is not Jan and uary. */
const parts: [go: string, words: string][] = [
  ['January', 'MMMM'],
  ['Jan', 'MMM'],
  ['Monday', 'DDDD'],
  ['Mon', 'DDD'],
  ['2006', 'YYYY'],
  ['-07:00', '±HH:MM'],
  ['-0700', '±HHMM'],
  ['Z07:00', 'Z±HH:MM'],
  ['Z0700', 'Z±HHMM'],
  ['MST', 'ZONE'],
  ['PM', 'AM/PM'],
  ['pm', 'am/pm'],
  ['01', 'MM'],
  ['02', 'DD'],
  ['15', 'HH'],
  ['03', 'hh'],
  ['04', 'mm'],
  ['05', 'ss'],
  ['06', 'YY'],
  ['_2', '_D'],
  ['1', 'M'],
  ['2', 'D'],
  ['3', 'h'],
  ['4', 'm'],
  ['5', 's'],
]

const replaced = (text: string, pairs: [from: string, to: string][]): string => {
  let out = ''
  for (let i = 0; i < text.length; ) {
    const pair = pairs.find(([from]) => text.startsWith(from, i))
    out += pair ? pair[1] : text.charAt(i)
    i += pair ? pair[0].length : 1
  }
  return out
}

const back = parts.map(([go, words]): [string, string] => [words, go]).toSorted(([a], [b]) => b.length - a.length)

/** Go's layout as people write it; as it is, where that would not come back the same. */
export function layoutWords(layout: string): string {
  const known = named.find(([name]) => name === layout)
  if (known) return known[1]
  // Parts of a second are written with noughts or nines in both.
  const words = replaced(layout, parts)
  return layoutOf(words) === layout ? words : layout
}

/** What people wrote as the plan has it. Go's own way of writing is taken too. */
export function layoutOf(words: string): string {
  const typed = words.trim()
  const known = named.find(([name, says]) => says === typed || name === typed)
  if (known) return known[0]
  if (/2006|\b06\b|15:04|Jan/.test(typed)) return typed
  return replaced(typed, back)
}

/** What is said of a field, with its layouts as people write them. */
export const noteWords = (note: string): string =>
  worded(note.replace(/(first\? )(.+)( is taken; )(.+)( fits as well)$/, (_, first: string, taken: string, and: string, other: string, fits: string) => first + layoutWords(taken) + and + layoutWords(other) + fits))

/** Usual ways, to choose from. */
export const usualLayouts = ['YYYY-MM-DD HH:mm:ss', 'YYYY-MM-DD', 'DD.MM.YYYY HH:mm:ss', 'DD.MM.YYYY', 'DD/MM/YYYY', 'MM/DD/YYYY', layouts.unix, layouts.unix_ms, layouts.any]
