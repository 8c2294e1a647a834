import { expect, test } from 'vitest'
import { keyStep, missing, moved, replayAddress, replayFrom, replayLength } from './replay'

const now = Date.parse('2026-03-02T10:00:00Z')

test.each([
  [undefined, undefined],
  ['2026-03-02T09:50:00Z', now - 600_000],
  ['yesterday', undefined],
  ['2026-03-02T10:00:01Z', undefined],
])('%s begins', (asked, want) => expect(replayFrom(asked, now)).toBe(want))

test('the address is read as it was written', () => {
  expect(replayAddress(now + 123)).toBe('2026-03-02T10:00:00Z')
  expect(replayFrom(replayAddress(now - 1_000), now)).toBe(now - 1_000)
})

test.each([
  ['back', now - replayLength, -replayLength, now - 2 * replayLength],
  ['not into the future', now - replayLength, replayLength, now - replayLength],
])('moved %s', (_, from, by, want) => expect(moved(from, by, now)).toBe(want))

test.each([
  ['all is there', {}, undefined],
  ['not read yet', undefined, undefined],
  ['older than positions', { positions_from: '2026-03-02T10:00:00Z' }, /stood is forgotten by now/],
  ['partly older', { positions_from: '2026-03-02T09:55:00Z' }, /beginning/],
  ['positions are kept since long', { positions_from: '2026-03-02T08:00:00Z' }, undefined],
  ['older than decisions', { positions_from: '2026-03-02T10:30:00Z', decisions_from: '2026-03-02T10:10:00Z' }, /nothing is left/],
])('%s', (_, span, want) => {
  const says = missing(span, now - replayLength, now)
  if (want === undefined) expect(says).toBeUndefined()
  else expect(says).toMatch(want)
})

test.each([['ArrowLeft', -5], ['PageUp', 60], ['x', undefined]])('%s', (key, want) => expect(keyStep(key)).toBe(want))
