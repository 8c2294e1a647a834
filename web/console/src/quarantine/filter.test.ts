import { expect, test } from 'vitest'
import { filterOf, filterWords, isFiltered, progressOf, progressWords } from './filter'

const now = Date.parse('2026-03-02T10:31:41Z')

test('only what the address says is asked for, and since a whole minute', () => {
  expect(filterOf({}, now)).toEqual({})
  expect(filterOf({ reason: 'clock', source: 'segment/Web shop', since: '24h', text: 'x', show: 'each' }, now)).toEqual({
    reason: 'clock',
    source: 'segment/Web shop',
    text: 'x',
    since: '2026-03-01T10:31:00.000Z',
  })
  expect(filterOf({ since: '1h' }, now)).toEqual(filterOf({ since: '1h' }, now + 10_000))
})

test('how it is shown is no filter', () => {
  expect(isFiltered({ show: 'each' })).toBe(false)
  expect(isFiltered({ state: 'waiting' })).toBe(true)
})

test('a filter in words', () => {
  expect(filterWords({ reason: 'schema', source: 'segment/till', since: '7d', state: 'waiting' })).toBe('for “Wrong shape” from segment/till of the last 7 days that wait')
  expect(filterWords({})).toBe('')
})

test.each([
  ['all at the door', {}, { replaying: 3 }, 3, { handed: 3, done: 0, became: 0, again: 0 }, '0 of 3 answered by the door'],
  ['some answered', { replayed: 5 }, { replaying: 1, replayed: 6, failed: 1 }, 3, { handed: 3, done: 2, became: 1, again: 1 }, '2 of 3 answered by the door'],
  ['all became events', {}, { replayed: 3 }, 3, { handed: 3, done: 3, became: 3, again: 0 }, 'All 3 became events.'],
  ['none did', { failed: 2 }, { failed: 5 }, 3, { handed: 3, done: 3, became: 0, again: 3 }, 'All 3 were put aside again: their cause is not mended yet.'],
  ['those that had failed fail again', { failed: 3 }, { failed: 3 }, 3, { handed: 3, done: 3, became: 0, again: 3 }, 'All 3 were put aside again: their cause is not mended yet.'],
  ['mixed', {}, { replayed: 2, failed: 1 }, 3, { handed: 3, done: 3, became: 2, again: 1 }, '2 became events, 1 was put aside again.'],
  ['another replays too', {}, { replaying: 90, replayed: 40 }, 3, { handed: 3, done: 0, became: 0, again: 0 }, '0 of 3 answered by the door'],
])('%s', (_, before, states, handed, want, words) => {
  const got = progressOf(before, states, handed)
  expect(got).toEqual(want)
  expect(progressWords(got)).toBe(words)
})
