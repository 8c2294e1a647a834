import { expect, test } from 'vitest'
import { clock } from './behind'

const cases: { name: string; told: [written: number, heard: number][]; want: number[]; ahead: number }[] = [
  { name: 'one clock', told: [[1_000, 1_041], [2_000, 2_038]], want: [41, 38], ahead: 0 },
  { name: 'a clock that is an hour ahead', told: [[3_600_000, 41], [3_601_000, 1_101]], want: [0, 60], ahead: 3_599_959 },
  { name: 'a clock that is an hour behind', told: [[0, 3_600_000], [1_000, 3_601_250]], want: [0, 250], ahead: -3_600_000 },
  { name: 'a hair ahead is nought', told: [[1_000, 990]], want: [0], ahead: 0 },
]

test.each(cases)('$name', ({ told, want, ahead }) => {
  const heard = clock()
  const all = told.map((message) => heard(...message))
  expect(all.map(({ behindMs }) => behindMs)).toEqual(want)
  expect(all.at(-1)?.aheadMs).toBe(ahead)
})
