import type { Experiment, ExperimentLift, ExperimentMeasure } from '@aisle/api'

/** One line of a forest plot: an interval that holds if one looks once, within one that holds however often. */
export interface Line {
  name: string
  value: number
  low: number
  high: number
  anytimeLow: number
  anytimeHigh: number
}

export const measureWord: Record<ExperimentMeasure, string> = {
  spent: 'Spent in orders, a shopper',
  orders: 'Orders a shopper',
  redeemed: 'Offers redeemed, a shopper',
}

/** The lifts of one measure that can be drawn. */
export const linesOf = ({ arms, lifts }: Experiment, measure: ExperimentMeasure): Line[] =>
  lifts
    .filter((lift) => lift.measure === measure && !lift.refused && lift.anytime_high > lift.anytime_low)
    .map(({ arm, against, value, low, high, anytime_low, anytime_high }) => ({
      name: `${arms[arm]?.name ?? ''} against ${arms[against]?.name ?? ''}`,
      value,
      low,
      high,
      anytimeLow: anytime_low,
      anytimeHigh: anytime_high,
    }))

/** From numbers to 0…1 across a plot: all of the lines and nought are in it. */
export function scaleOf(lines: Line[]): (x: number) => number {
  const low = Math.min(0, ...lines.map((line) => line.anytimeLow))
  const high = Math.max(0, ...lines.map((line) => line.anytimeHigh))
  const room = (high - low || 1) * 0.06
  return (x) => (x - low + room) / (high - low + 2 * room)
}

/** The measures that an experiment has lifts of, the one it is judged by first. */
export const measuresOf = ({ lifts, primary }: Experiment): ExperimentMeasure[] =>
  [...new Set([primary, ...lifts.map(({ measure }) => measure)])].filter((measure) => lifts.some((lift) => lift.measure === measure))

/** Why nothing is drawn: the refusal, or that nothing was done in either arm. */
export const nothingOf = (lifts: ExperimentLift[], measure: ExperimentMeasure): string =>
  lifts.find((lift) => lift.measure === measure && lift.refused)?.refused ?? 'All arms did the same.'
