import type { Experiment, ExperimentLift } from '@aisle/api'
import { expect, test } from 'vitest'
import { linesOf, measuresOf, nothingOf, scaleOf } from './forest'

const lift = (change: Partial<ExperimentLift> = {}): ExperimentLift => ({
  measure: 'spent', arm: 0, against: 1, value: 1, low: 0.5, high: 1.5, relative: 0.1, anytime_low: -1, anytime_high: 3, explained: 0, ...change,
})
const arm = { share: 0.5, people: 100, spent: 1, orders: 1, redeemed: 0, given_away: 0 }
const experiment = (lifts: ExperimentLift[]): Experiment => ({
  kind: 'campaign', name: 'Shoes', share: 0.5, since: '2026-11-01T00:00:00Z', arms: [{ ...arm, name: 'May get it' }, { ...arm, name: 'Held out' }],
  primary: 'spent', lifts, mismatch: 1, uneven: false, mixed: 0, verdict: { finding: 'not_yet', reason: '' },
})

test('lines are named by their arms, and what was refused is none', () => {
  const lines = linesOf(experiment([lift(), lift({ arm: 1, refused: 'too few' }), lift({ measure: 'orders' })]), 'spent')
  expect(lines.map(({ name }) => name)).toEqual(['May get it against Held out'])
})

test('nought and all intervals are within the plot, in order', () => {
  const at = scaleOf(linesOf(experiment([lift({ anytime_low: 2, anytime_high: 4 })]), 'spent'))
  expect([at(0) > 0, at(4) < 1, at(0) < at(2)]).toEqual([true, true, true])
})

test('the measure that it is judged by comes first', () => {
  expect(measuresOf(experiment([lift({ measure: 'orders' }), lift()]))).toEqual(['spent', 'orders'])
  expect(nothingOf([lift({ refused: 'too few' })], 'spent')).toBe('Too few.')
})
