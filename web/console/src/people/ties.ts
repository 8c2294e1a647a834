import type { PersonIdentity } from '@aisle/api'
import { spaced } from '@aisle/ui'
import { t } from './words'

export type Tie = PersonIdentity['identifiers'][number]
export type MergedIn = PersonIdentity['merged'][number]

/** A place in the drawing: its middle, in pixels from the top. */
interface Place {
  y: number
}
export type IdentifierPlace = Place & { tie: Tie; from: number } // from: the middle of what tied it, -1 if an event did
export type MergedPlace = Place & { merged: MergedIn; others: MergedIn[] }

export interface Drawing {
  height: number
  person: number
  merged: MergedPlace[]
  identifiers: IdentifierPlace[]
}

/** The height of one identifier's row. */
export const row = 46
const gap = 10

/**
 * Where everything is drawn: the shopper at the left, those who turned out to be them in the middle, beside the
 * identifiers that they brought, which are at the right. What events tied comes first.
 */
export function drawing({ identifiers, merged, shopper }: PersonIdentity): Drawing {
  const direct = merged.filter(({ into }) => into === shopper)
  const known = new Set(direct.map((one) => one.shopper))
  const own = identifiers.filter(({ from }) => from === undefined || !known.has(from))
  let y = 0
  const places: IdentifierPlace[] = own.map((tie, at) => ({ tie, from: -1, y: at * row + row / 2 }))
  y = own.length * row
  const groups: MergedPlace[] = []
  for (const one of direct) {
    if (y > 0) y += gap
    const brought = identifiers.filter(({ from }) => from === one.shopper)
    const height = Math.max(brought.length, 1) * row
    const middle = y + height / 2
    groups.push({ merged: one, others: within(one.shopper, merged), y: middle })
    brought.forEach((tie, at) => places.push({ tie, from: middle, y: y + at * row + row / 2 }))
    y += height
  }
  const height = Math.max(y, row)
  return { height, person: height / 2, merged: groups, identifiers: places }
}

/** Who had turned out to be somebody, and whoever had turned out to be those. */
function within(shopper: string, merged: MergedIn[]): MergedIn[] {
  return merged.filter(({ into }) => into === shopper).flatMap((one) => [one, ...within(one.shopper, merged.filter((other) => other !== one))])
}

/** A line from one column to the next, in hundredths of the width. */
export const line = (x1: number, y1: number, x2: number, y2: number) => `M${x1} ${y1} C${(x1 + x2) / 2} ${y1} ${(x1 + x2) / 2} ${y2} ${x2} ${y2}`

export const identifierWord = (type: string) => t.identifiers[type] ?? spaced(type)
