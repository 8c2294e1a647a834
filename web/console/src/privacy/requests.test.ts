import { expect, test } from 'vitest'
import { dueState } from './requests'

const now = Date.parse('2026-11-21T12:00:00Z')

test.each([
  ['long to go', { due: '2026-12-20T12:00:00Z' }, '29 days left', 'none'],
  ['a week', { due: '2026-11-28T12:00:00Z' }, '7 days left', 'warn'],
  ['one day', { due: '2026-11-22T11:00:00Z' }, '1 day left', 'warn'],
  ['today', { due: '2026-11-21T11:00:00Z' }, 'Due today', 'bad'],
  ['late', { due: '2026-11-19T11:00:00Z' }, '2 days late', 'bad'],
])('%s', (_, request, word, tone) => {
  expect(dueState(request, now)).toEqual({ word, tone })
})

test('what is done is not late', () => {
  expect(dueState({ due: '2026-10-01T00:00:00Z', done: '2026-11-02T10:00:00Z' }, now).tone).toBe('good')
  expect(dueState({ due: '2026-10-01T00:00:00Z', done: '2026-11-02T10:00:00Z', refused: true }, now).word).toMatch(/^Refused/)
})
