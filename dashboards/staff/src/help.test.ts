import { expect, test } from 'vitest'
import { mayBeSaid, notMentioned, stepTo, whyThem } from './presence'

const people = [
  { key: 'near', x: 2, y: 2 },
  { key: 'right', x: 8, y: 3 },
  { key: 'below', x: 3, y: 9 },
]

test.each([
  [undefined, 'ArrowRight', 'near'],
  ['near', 'ArrowRight', 'right'],
  ['near', 'ArrowDown', 'below'],
  ['right', 'ArrowLeft', 'near'],
  ['near', 'ArrowUp', undefined],
  ['near', 'Tab', undefined],
])('from %s by %s to %s', (from, key, want) => {
  expect(stepTo(people, people.find((one) => one.key === from), key)?.key).toBe(want)
})

test('what is said of somebody is told by its name, and a name that is new is left out', () => {
  expect(whyThem({ why: ['offer', 'enough'], offer: 'Coffee', messages: 3 })).toEqual(['Has not used the offer on their phone: Coffee.', 'Had 3 messages within the hour: rather let them be.'])
  expect(mayBeSaid({ say: ['hello'], name: 'Mia', zone_name: 'Shoes' })).toEqual(['“Hello Mia.” Two witnesses agree that it is Mia.'])
  expect(notMentioned({ not_mention: ['name', 'shoe_size' as 'name'] })).toEqual(['A name, or that they are a member.'])
})
