import { sentence, type Experiment, type ExperimentLift, type ExperimentMeasure } from '@aisle/api'
import { worded } from '@aisle/ui'
import { t } from './words'

/** One line of a forest plot: an interval that holds if one looks once, within one that holds however often. */
export interface Line {
  name: string
  value: number
  low: number
  high: number
  anytimeLow: number
  anytimeHigh: number
}

/** An arm is called as its offer is, else by a word of the house. */
export const armName = (arm: Experiment['arms'][number] | undefined): string => (!arm ? '' : arm.offer ? arm.name : worded(arm.name))

/** Which arm is compared with which. */
export const against = (arms: Experiment['arms'], { arm, against }: Pick<ExperimentLift, 'arm' | 'against'>): string => t.card.against(armName(arms[arm]), armName(arms[against]))

/** The lifts of one measure that can be drawn. */
export const linesOf = ({ arms, lifts }: Experiment, measure: ExperimentMeasure): Line[] =>
  lifts
    .filter((lift) => lift.measure === measure && !lift.refused && lift.anytime_high > lift.anytime_low)
    .map((lift) => ({ name: against(arms, lift), value: lift.value, low: lift.low, high: lift.high, anytimeLow: lift.anytime_low, anytimeHigh: lift.anytime_high }))

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
export function nothingOf(lifts: ExperimentLift[], measure: ExperimentMeasure): string {
  const refused = lifts.find((lift) => lift.measure === measure && lift.refused)?.refused
  return refused ? sentence(worded(refused)) : t.forest.allSame
}
