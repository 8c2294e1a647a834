import type { LivePerson } from '@aisle/api'
import { expect, test } from 'vitest'
import { membersIn, presence } from './presence'

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
