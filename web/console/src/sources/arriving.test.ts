import type { ShapeSummary } from '@aisle/api'
import { expect, test } from 'vitest'
import { bySource, keyName, named, sinceLearned, typeWords } from './arriving'

const shape = (source: string, event: string, count: number, last: string, open = 0): ShapeSummary => ({ source, event, count, fields: 1, first: last, last, learned: true, open_notices: open })

test('a line a source: changes to judge first, then the latest', () => {
  const got = bySource([
    shape('segment/a', 'x', 5, '2026-03-02T10:00:00Z'),
    shape('segment/a', 'y', 7, '2026-03-02T09:00:00Z'),
    shape('segment/b', 'x', 1, '2026-03-02T11:00:00Z'),
    shape('segment/c', 'x', 1, '2026-03-01T11:00:00Z', 2),
  ])
  expect(got.map(({ source }) => source)).toEqual(['segment/c', 'segment/b', 'segment/a'])
  expect(got[2]).toMatchObject({ events: ['y', 'x'], count: 12, last: '2026-03-02T10:00:00Z' })
})

test('many names are cut', () => {
  expect(named(['a', 'b'])).toBe('a, b')
  expect(named(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c and 3 more')
})

test('the key of a source', () => expect(keyName('segment/Web shop/2')).toBe('Web shop/2'))

test.each([
  [{ number: 1 }, 'number'],
  [{ text: 0.25, number: 0.75, null: 0 }, 'number 75%, text 25%'],
  [{ text: 0.001, integer: 0.999 }, 'whole number 100%, text <1%'],
])('%j in words', (types, want) => expect(typeWords(types)).toBe(want))

const field = { path: 'a', share: 1, count: 1, first: '', last: '' }
test.each([
  ['not learned yet', { ...field, types: { text: 1 } }, false, undefined],
  ['the same', { ...field, types: { integer: 1 }, baseline: ['number'] }, true, undefined],
  ['new', { ...field, types: { text: 1 } }, true, 'new since then'],
  ['another type', { ...field, types: { text: 0.5, number: 0.5 }, baseline: ['number'] }, true, 'was number'],
  ['sometimes nothing', { ...field, types: { null: 0.5, number: 0.5 }, baseline: ['number'] }, true, undefined],
])('%s', (_, of, learned, want) => expect(sinceLearned(of, learned)).toBe(want))
