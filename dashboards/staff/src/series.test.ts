import { expect, test } from 'vitest'
import { conversionColumns, latencyColumns, latencyEnd, roundTop } from './series'

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2, 10) + seconds * 1_000).toISOString()
const base = Date.UTC(2026, 2, 2, 10) / 1_000
const point = (seconds: number, ms: number) => ({ at: at(seconds), p50_ms: ms, p95_ms: 2 * ms, p99_ms: 3 * ms, count: 1 })

test('latency: ten minutes up to now, broken where nothing was sent for long', () => {
  const [x, p50, p95, p99] = latencyColumns([point(0, 40), point(5, 50), point(300, 60)], latencyEnd(at(400)))
  expect(x.map((time) => time - base)).toEqual([-200, 0, 5, 10, 300, 400])
  expect(p50).toEqual([null, 40, 50, null, 60, null])
  expect(p95).toEqual([null, 80, 100, null, 120, null])
  expect(p99).toEqual([null, 120, 150, null, 180, null])
})

test('latency: nothing sent is an empty ten minutes', () => {
  const [x, p50] = latencyColumns([], latencyEnd(at(0)))
  expect(x).toEqual([base - 600, base])
  expect(p50).toEqual([null, null])
})

test('latency: points that have scrolled out are not drawn', () => {
  expect(latencyColumns([point(-700, 40)], latencyEnd(at(0)))[1]).toEqual([null, null])
})

test('conversion: a bar each five minutes', () => {
  expect(conversionColumns([{ at: at(0), delivered: 5, redeemed: 2 }])).toEqual([[base], [5], [2]])
})

test.each([
  [180, 240, 250],
  [300, 240, 400],
  [0, 4, 4],
  [61, 4, 80],
])('%d and at least %d ends at %d', (highest, least, want) => expect(roundTop(highest, least)).toBe(want))
