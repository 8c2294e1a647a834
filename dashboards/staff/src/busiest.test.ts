import { expect, test } from 'vitest'
import { busiest, moreThanBefore, over } from './busiest'

const zones = ['a', 'b'].map((id) => ({ id, capacity: 10, polygon: [] }))
const now = (a: number, b: number) => [
  { zone: 'a', people: a },
  { zone: 'b', people: b },
]

test.each([
  { name: 'the fullest', people: now(2, 5), before: undefined, want: 'b' },
  { name: 'the one before while another is hardly fuller', people: now(5, 4), before: 'b', want: 'b' },
  { name: 'another once it is clearly fuller', people: now(8, 5), before: 'b', want: 'a' },
  { name: 'the first in an empty shop', people: now(0, 0), before: undefined, want: 'a' },
  { name: 'another when the one before is gone', people: now(1, 0), before: 'gone', want: 'a' },
])('$name', ({ people, before, want }) => expect(busiest(zones, people, before)).toBe(want))

test('none in a shop without zones', () => {
  expect(busiest([], [], undefined)).toBeUndefined()
})

test.each([
  ['now', 0, [9, 9, 3], 4],
  ['the last two minutes', 2, [9, 1, 3], 2],
  ['fewer than asked for', 30, [1, 3], 2],
  ['nothing is known yet', 10, [], 4],
])('people over %s', (_, minutes, history, want) => expect(over(minutes, 4, history)).toBe(want))

const minutes = (first: number, last: number) => [first, ...Array.from({ length: 9 }, () => 7), last]
test.each([
  ['more and fewer', [{ people: 5, history: minutes(2, 5) }, { people: 1, history: minutes(2, 1) }], 2],
  ['a zone that is new', [{ people: 5, history: minutes(2, 5) }, { people: 1, history: [1] }], undefined],
  ['no zones', [], undefined],
])('than ten minutes ago: %s', (_, now, want) => expect(moreThanBefore(now)).toBe(want))
