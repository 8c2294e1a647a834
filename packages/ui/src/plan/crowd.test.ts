import type { LivePerson } from '@aisle/api'
import { expect, test } from 'vitest'
import { crowd } from './crowd'

const person = (key: string, x: number, more: Partial<LivePerson> = {}): LivePerson => ({
  key, x, y: 0, sensor: 'beacon', last: '2026-03-02T10:00:00Z', ...more,
})

test('walk from where they were to where they are', () => {
  const people = crowd()
  people.told([person('a', 0)], 0)
  people.told([person('a', 10)], 1_000)
  expect(people.at(1_000)[0]?.x).toBe(0)
  expect(people.at(1_250)[0]?.x).toBe(5)
  expect(people.at(9_000)[0]?.x).toBe(10)
})

test('turn from where they are drawn when they are told of early', () => {
  const people = crowd()
  people.told([person('a', 0)], 0)
  people.told([person('a', 10)], 1_000)
  people.told([person('a', 0)], 1_250)
  expect(people.at(1_250)[0]?.x).toBe(5)
})

test('come and go gently', () => {
  const people = crowd()
  people.told([person('a', 0)], 0)
  expect(people.at(150)[0]?.shown).toBe(0.5)
  people.told([], 1_000)
  expect(people.at(1_150)[0]?.shown).toBe(0.5)
  expect(people.at(1_300)).toEqual([])
})

test('pulse once when an offer is pushed', () => {
  const people = crowd()
  people.told([person('a', 0, { shopper: 's1' })], 0)
  people.told([person('a', 0, { shopper: 's1', offered: '2026-03-02T10:00:00Z' })], 1_000)
  expect(people.at(1_750)[0]).toMatchObject({ offered: true, pulse: 0.5 })
  people.told([person('a', 0, { shopper: 's1', offered: '2026-03-02T10:00:00Z' })], 10_000)
  expect(people.at(10_000)[0]?.pulse).toBeUndefined()
})

test('rest once they have come and stand still', () => {
  const people = crowd()
  people.told([person('a', 0)], 0)
  expect(people.busy(100)).toBe(true)
  people.told([person('a', 0)], 500)
  expect(people.busy(600)).toBe(false)
})
