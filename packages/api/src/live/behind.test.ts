import { expect, test } from 'vitest'
import { clock } from './behind'

const cases: { name: string; told: [written: number, heard: number][]; want: number[] }[] = [
  { name: 'one clock', told: [[1_000, 1_041], [2_000, 2_038]], want: [41, 38] },
  { name: 'a clock that is an hour ahead', told: [[3_600_000, 41], [3_601_000, 1_101]], want: [0, 60] },
  { name: 'a clock that is an hour behind', told: [[0, 3_600_000], [1_000, 3_601_250]], want: [0, 250] },
  { name: 'a hair ahead is nought', told: [[1_000, 990]], want: [0] },
]

test.each(cases)('$name', ({ told, want }) => {
  const behind = clock()
  expect(told.map(([written, heard]) => behind(written, heard))).toEqual(want)
})
