import type { Calibration, Rates } from '@aisle/api'
import { count, fixed } from '@aisle/ui'
import { t } from './words'

/** Of so many strangers, how many are given somebody's name: expected, and no more than, with 95 % confidence. */
export function falseNames({ chosen, people }: Calibration, strangers: number): { expected: number; most: number } {
  const any = (pair: number) => strangers * (1 - (1 - pair) ** people)
  return { expected: any(chosen.false_match), most: any(chosen.false_match_high) }
}

/** A number of people as it is said: "fewer than 1", "about 3". */
export function about(n: number): string {
  if (n === 0) return '0'
  if (n < 0.1) return t.fewer
  return n < 10 ? fixed(n, 1) : count(n)
}

export type Columns = [thresholds: number[], falseMatches: number[], misses: number[]]

/** What is drawn, as shares; no misses where nobody gave more than one face. */
export const columns = ({ points, genuine }: Calibration): Columns => [
  points.map(({ threshold }) => threshold),
  points.map(({ false_match }) => false_match),
  genuine > 0 ? points.map(({ miss }) => miss) : [],
]

/** Some of the points, evenly, for a table: the chosen one is among them. */
export function rows({ points, chosen }: Calibration, most = 9): (Rates & { chosen: boolean })[] {
  const every = Math.max(1, Math.floor(points.length / most))
  const some = points.filter((_, i) => i % every === 0).map((point) => ({ ...point, chosen: false }))
  return [...some, { ...chosen, chosen: true }].toSorted((a, b) => a.threshold - b.threshold)
}
