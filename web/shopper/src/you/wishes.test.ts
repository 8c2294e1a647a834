import { expect, test } from 'vitest'
import { minuteOf, timeOf, usedToday, withWish } from './wishes'

test.each([
  [0, '00:00'],
  [21 * 60 + 5, '21:05'],
  [24 * 60, '00:00'],
])('minute %d is %s', (minute, time) => {
  expect(timeOf(minute)).toBe(time)
  expect(minuteOf(time)).toBe(minute % (24 * 60))
})

test('what is no time has no minute', () => {
  expect(minuteOf('')).toBeUndefined()
})

test('today counts what was sent today', () => {
  const now = new Date(2026, 10, 21, 12).getTime()
  const message = (hours: number, cost: number) => ({ decision: '1', title: '', channel: 'sms', state: 'sent' as const, cost, at: new Date(now - hours * 3_600_000).toISOString() })
  expect(usedToday([message(1, 2), message(2, 1), message(20, 2)], now)).toBe(3)
})

test('a wish changes what it names, and an empty one is none', () => {
  const quiet = { from_minute: 1, until_minute: 2 }
  expect(withWish({ budget: 4 }, { quiet })).toEqual({ quiet, budget: 4 })
  expect(withWish({ quiet, budget: 4 }, { quiet: undefined, budget: 0 })).toEqual({})
})
