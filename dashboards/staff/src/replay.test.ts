import { expect, test } from 'vitest'
import { keyStep, missing, moved, replayAddress, replayFrom, replayLength } from './replay'

const now = Date.parse('2026-03-02T10:00:00Z')

test.each([
  [undefined, undefined],
  ['2026-03-02T09:50:00Z', now - 600_000],
  ['yesterday', undefined],
])('%s begins', (asked, want) => expect(replayFrom(asked)).toBe(want))

test('the address is read as it was written', () => {
  expect(replayAddress(now + 123)).toBe('2026-03-02T10:00:00Z')
  expect(replayFrom(replayAddress(now - replayLength))).toBe(now - replayLength)
})

test.each([
  ['back', now - replayLength, -replayLength, now - 2 * replayLength],
  ['not into the future', now - replayLength, replayLength, now - replayLength],
])('moved %s', (_, from, by, want) => expect(moved(from, by, now)).toBe(want))

test.each([
  ['all is there', {}, /^all$/],
  ['not read yet', undefined, /^all$/],
  ['older than positions', { positions_from: '2026-03-02T10:00:00Z' }, /stood is forgotten by now/],
  ['partly older', { positions_from: '2026-03-02T09:55:00Z' }, /beginning/],
  ['positions are kept since long', { positions_from: '2026-03-02T08:00:00Z' }, /^all$/],
  ['older than decisions', { positions_from: '2026-03-02T10:30:00Z', decisions_from: '2026-03-02T10:10:00Z' }, /nothing is left/],
])('%s', (_, span, want) => {
  expect(missing(span, now - replayLength, now) ?? 'all').toMatch(want)
})

test.each([['ArrowLeft', -5], ['PageUp', 60], ['x', undefined]])('%s', (key, want) => expect(keyStep(key)).toBe(want))
