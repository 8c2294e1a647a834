import { describe, expect, test } from 'vitest'
import { ago, change, decimal, hourMinute, millis, minuteOfDay, money, percent, points, span, spaced, tendency, toMajor, toMinor } from './format'

const table = <A extends unknown[]>(name: string, f: (...args: A) => unknown, cases: [args: A, want: unknown][]) =>
  describe(name, () => {
    test.each(cases)('%j is %j', (args, want) => expect(f(...args)).toBe(want))
  })

table('millis', millis, [
  [[41.4], '41 ms'],
  [[1_240], '1.24 s'],
  [[12_340], '12.3 s'],
  [[61_000], '1 min 1 s'],
])
table('span', span, [
  [[0], '0 s'],
  [[102_000], '1 min 42 s'],
  [[120_000], '2 min'],
  [[7_500_000], '2 h 5 min'],
  [[86_400_000], '24 h'],
  [[259_200_000], '3 days'],
])
table('ago', ago, [
  [['2026-03-02T10:00:00Z', Date.parse('2026-03-02T10:00:01Z')], 'now'],
  [['2026-03-02T10:00:00Z', Date.parse('2026-03-02T10:00:42Z')], '42 s ago'],
  [['2026-03-02T10:00:00Z', Date.parse('2026-03-02T10:05:59Z')], '5 min ago'],
  [['2026-03-02T10:00:00Z', Date.parse('2026-03-05T10:00:00Z')], '3 days ago'],
  [['2026-03-02T10:00:05Z', Date.parse('2026-03-02T10:00:00Z')], 'now'],
])
table('money', money, [
  [[{ minor: 1_250, currency: 'EUR' }], '€12.50'],
  [[{ minor: 1_200, currency: 'EUR' }], '€12'],
  [[{ minor: 500, currency: 'JPY' }], 'JP¥500'],
  [[{ minor: 0, currency: 'GBP' }], '£0'],
  [[{ minor: 1_200 }], '12'],
])
table('percent', percent, [
  [[0.226], '22.6%'],
  [[0.29, 0], '29%'],
])
table('decimal', decimal, [
  [[0], '0'],
  [[0.0123], '0.012'],
  [[1.2345], '1.23'],
  [[12], '12'],
  [[20], '20'],
  [[1_234], '1,234'],
])
table('change', change, [
  [[1_124, 1_000], '+12.4%'],
  [[90, 100], '−10.0%'],
  [[5, 0], undefined],
  [[5, undefined], undefined],
])
table('points', points, [
  [[0.226, 0.208], '+1.8 pt'],
  [[0.1, undefined], undefined],
  [[0.22, 0.2201], '±0.0 pt'],
])
table('tendency', tendency, [
  [['+1.8 pt'], 'good'],
  [['−1.8 pt'], 'bad'],
  [['±0.0 pt'], undefined],
  [[undefined], undefined],
])
table('minuteOfDay', minuteOfDay, [
  [[0], '00:00'],
  [[1_290], '21:30'],
])
table('spaced', spaced, [[['zone_dwelled'], 'Zone dwelled']])

test('times are in the zone asked for', () => {
  expect(hourMinute('2026-03-02T10:00:00Z', 'Asia/Tokyo')).toBe('19:00')
})

table('toMajor', toMajor, [
  [[1250, 'EUR'], 12.5],
  [[1250, 'JPY'], 1250],
  [[1250, 'KWD'], 1.25],
  [[1250, undefined], 12.5],
  [[1250, 'nothing'], 12.5],
])
table('toMinor', toMinor, [
  [[12.5, 'EUR'], 1250],
  [[1250, 'JPY'], 1250],
  [[1.25, 'KWD'], 1250],
  [[0.1 + 0.2, 'EUR'], 30],
])
