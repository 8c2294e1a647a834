import type { ListsTraining, ModelCohort } from '@aisle/api'
import { expect, test } from 'vitest'
import { breakerState, calibration, driftState, overall, stateOf, surprise, trainingState, trainingWord, turnWord, wilson } from './model'

const cohort = (n: number, expected: number, taken: number): ModelCohort => ({
  first: '2026-11-20T10:00:00Z',
  last: '2026-11-20T11:00:00Z',
  models: [1, 2],
  n,
  taken,
  expected,
  loss: n * 0.3,
  bins: [
    { n: n / 2, expected: expected / 4, taken: 0 },
    { n: n / 2, expected: (3 * expected) / 4, taken },
    { n: 0, expected: 0, taken: 0 },
  ],
})

test('a calibration adds cohorts up and leaves out what nobody expected', () => {
  const points = calibration([cohort(100, 8, 10), cohort(300, 24, 20)])
  expect(points).toHaveLength(2)
  expect(points[0]).toMatchObject({ n: 200, expected: 0.04, taken: 0, low: 0 })
  expect(points[1]?.taken).toBeCloseTo(0.15)
  expect(points[1]!.low).toBeLessThan(0.15)
  expect(points[1]!.high).toBeGreaterThan(0.15)
  expect(calibration([])).toEqual([])
})

test('an interval of a share is as in the tables', () => {
  const { low, high } = wilson(0.1, 100)
  expect(low).toBeCloseTo(0.0552, 3)
  expect(high).toBeCloseTo(0.1744, 3)
  expect(wilson(0, 10)).toMatchObject({ low: 0 })
})

test('all in all', () => {
  expect(overall([])).toBeUndefined()
  expect(overall([cohort(100, 8, 10), cohort(300, 24, 20)])).toEqual({ n: 400, expected: 0.08, taken: 0.075, loss: 0.3 })
})

test('the surprise of who knows the rate only is its entropy', () => {
  const [ends, losses, knowing] = surprise([cohort(100, 8, 50), cohort(0, 0, 0)])
  expect(ends).toEqual([Date.parse('2026-11-20T11:00:00Z') / 1000])
  expect(losses).toEqual([0.3])
  expect(knowing[0]).toBeCloseTo(Math.log(2))
})

test('words', () => {
  const turn = { at: '', from: 8, to: 9, of: 4, reason: '' }
  expect(turnWord({ ...turn, kind: 'rolled_back' })).toBe('Went back to probit-4 by itself')
  expect(turnWord({ ...turn, kind: 'pinned', by: 'Ann' })).toBe('Ann put probit-4 in use')
  expect([0.05, 0.2, 0.3].map((psi) => driftState(psi).word)).toEqual(['Steady', 'Some', 'Much'])
  const model = { version: 'probit-9', learned: 1, line: 1, versions: [], cohorts: [], turns: [], drift: [], own: [] }
  const hold = { of: 4, at: '', reason: '', beside: { capital: 0, n: 0, sum: 0, squares: 0 } }
  expect([{ ...model, version: '' }, model, { ...model, hold }, { ...model, hold: { ...hold, by: 'Ann' } }].map((m) => stateOf(m).word)).toEqual(['Nothing learned yet', 'Learning', 'Rolled back', 'Pinned'])
  const own = { name: 'm', kind: 'http' as const, at: '', answered: 0, failed: 0, skipped: 0, mean_ms: 0, most_ms: 0 }
  expect((['closed', 'open', 'half_open'] as const).map((breaker) => breakerState({ ...own, breaker }).tone)).toEqual(['good', 'bad', 'warn'])
})

test('what came of a training of lists is said, also where nothing is used', () => {
  const began = '2026-11-20T10:00:00Z'
  const trial = { lists: 12, ndcg: 0.4, ndcg_before: 0.5, loss: 0.1, loss_before: 0.1 }
  const of = (training: Partial<ListsTraining>): ListsTraining => ({ began, ended: began, lists: 30, taken: 7, ...training })
  expect(trainingState({ began, lists: 0, taken: 0 }).word).toBe('Being trained')
  expect(trainingState(of({ result: 'worse', trial })).tone).toBe('warn')
  expect(trainingWord(of({ result: 'worse', trial }))).toContain('0.400 against 0.500')
  expect(trainingWord(of({ result: 'too_few' }))).toContain('30 lists were seen and 7 offers')
  expect(trainingWord(of({ result: 'too_few', trial }))).toContain('12 had something taken')
  expect(trainingWord(of({ result: 'in_use', version: 'lists-3' }))).toMatch(/^lists-3 ordered/)
})
