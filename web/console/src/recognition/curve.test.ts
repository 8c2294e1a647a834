import type { Calibration } from '@aisle/api'
import { expect, test } from 'vitest'
import { about, columns, falseNames, rows } from './curve'

const at = (threshold: number, false_match: number, miss: number) => ({ threshold, false_match, miss, false_match_high: false_match + 0.02, miss_high: miss + 0.1 })
const curve: Calibration = {
  model: 'lbp-2',
  people: 10,
  judged: 10,
  basis: 'gallery',
  chosen: at(0.55, 0.001, 0.2),
  points: Array.from({ length: 41 }, (_, i) => at(i / 40, (i / 40) ** 4, (1 - i / 40) ** 2)),
  impostors: 270,
  pairs: 45,
  genuine: 30,
  process: 'door',
  told: '2026-11-21T09:00:00Z',
  demo_grade: true,
}

test('falseNames grow with the people of the gallery and with those who pass', () => {
  const { expected, most } = falseNames(curve, 500)
  expect(expected).toBeCloseTo(500 * (1 - 0.999 ** 10))
  expect(most).toBeGreaterThan(expected)
  expect(falseNames(curve, 0)).toEqual({ expected: 0, most: 0 })
  expect(falseNames({ ...curve, people: 20 }, 500).expected).toBeGreaterThan(expected)
})

test.each([
  [0, '0'],
  [0.04, 'fewer than 0.1'],
  [4.97, '5.0'],
  [41.6, '42'],
])('about %d is %s', (n, says) => expect(about(n)).toBe(says))

test('rows hold the threshold that was chosen, in its place', () => {
  const all = rows(curve)
  const i = all.findIndex(({ chosen }) => chosen)
  expect(all[i]!.threshold).toBe(0.55)
  expect(all[i - 1]!.threshold).toBeLessThan(0.55)
  expect(all[i + 1]!.threshold).toBeGreaterThan(0.55)
  expect(all.length).toBeLessThan(14)
})

test('columns draw no misses where nobody gave more than one face', () => {
  expect(columns(curve)[2]).toHaveLength(41)
  expect(columns({ ...curve, genuine: 0 })[2]).toEqual([])
})
