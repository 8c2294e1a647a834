import type { LivePerson } from '@aisle/api'
import { expect, test } from 'vitest'
import { calledBy, halves, membersIn, nearest, presence, standing } from './presence'

const at = '2026-03-02T10:00:00Z'
const person = (key: string, more: Partial<LivePerson> = {}): LivePerson => ({ key, shopper: key, label: key.toUpperCase(), zone: 'shoes', x: 0, y: 0, sensor: 'beacon', last: at, ...more })
const tag = { sensor: 'beacon' as const, sure: 0.9, at }
const face = { sensor: 'camera' as const, sure: 0.95, at }

test.each([
  ['one witness', { possible: true, probability: 0.86, witnesses: [tag] }, ['Possible member', 'ask', 'Tag · 86%']],
  ['two witnesses', { name: 'Mia', probability: 0.991, witnesses: [tag, face] }, ['Mia', 'two witnesses', 'Tag + Camera · 99%']],
  ['a lent device', { lent: true, probability: 0, witnesses: [tag] }, ['Device of E3A2', 'not E3A2', 'Tag · 0%']],
  ['a lent device beside its owner', { lent: true, possible: true, probability: 0.95, witnesses: [tag, face] }, ['Device of E3A2', 'E3A2 may be near: ask', 'Tag + Camera · 95%']],
  ['nobody lately', { possible: true }, ['Possible member', 'ask', 'Not seen lately']],
])('%s', (_, more, want) => {
  const { who, says, seen } = presence(person('e3a2', more))
  expect([who, says, seen]).toEqual(want)
})

test('who may be greeted comes first, strangers and other zones not at all', () => {
  const people = [
    person('lent', { lent: true, probability: 0.99 }),
    person('perhaps', { possible: true, probability: 0.7 }),
    person('likely', { possible: true, probability: 0.9 }),
    person('mia', { name: 'Mia', probability: 0.96 }),
    person('far', { zone: 'coffee' }),
    { key: 'stranger', zone: 'shoes', x: 0, y: 0, sensor: 'camera' as const, last: at },
  ]
  expect(membersIn(people, 'shoes').map(({ key }) => key)).toEqual(['mia', 'likely', 'perhaps', 'lent'])
})

test.each([
  ['nobody saw them', [], [false, false], 'No camera knew their face'],
  ['a tag alone', [tag], [false, true], 'Tag, 90% sure'],
  ['both', [tag, face], [true, true], 'Face, 95% sure'],
])('the two halves: %s', (_, witnesses, seen, words) => {
  const both = halves({ witnesses })
  expect(both.map((half) => half.seen)).toEqual(seen)
  expect(both.map((half) => half.words)).toContain(words)
})

test('the nearest who opted in, within reach', () => {
  const people = [person('a', { x: 1 }), person('b', { x: 5 }), { key: 'stranger', x: 0.1, y: 0, sensor: 'camera' as const, last: at }]
  expect(nearest(people, 0, 0, 2)?.key).toBe('a')
  expect(nearest(people, 20, 0, 2)).toBeUndefined()
})

test('how long somebody stands', () => {
  expect(standing({ since: at }, Date.parse(at) + 90_000)).toBe(90_000)
  expect(standing({ since: '0001-01-01T00:00:00Z' }, Date.parse(at))).toBeUndefined()
})

test('what they are called', () => {
  expect([calledBy({ name: 'Mia', label: 'E3A2' }), calledBy({ label: 'E3A2' })]).toEqual(['Mia', 'Possible member E3A2'])
})
