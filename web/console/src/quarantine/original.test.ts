import { expect, test } from 'vitest'
import { hexDump, indented, originalOf } from './original'

const text = (body: string) => ({ body, encoding: 'text' as const })

test('numbers and texts stay as they were written', () => {
  expect(indented('{"a":12345678901234567890,"b":[1.0,{}],"c":"x, {y}\\"","d":[]}')).toBe(
    '{\n  "a": 12345678901234567890,\n  "b": [\n    1.0,\n    {}\n  ],\n  "c": "x, {y}\\"",\n  "d": []\n}',
  )
  expect(indented('[[],{"a":[]}]')).toBe('[\n  [],\n  {\n    "a": []\n  }\n]')
})

test('where the JSON ends to be JSON is marked in the original itself', () => {
  const { kind, text: shown, marks } = originalOf(text('{"price": 12,}'))
  expect(kind).toBe('json')
  expect(shown).toBe('{"price": 12,}')
  expect(marks).toEqual([{ from: 13, says: 'There is a comma too many before }.' }])
})

test('what is no JSON at all is a text without marks', () => {
  expect(originalOf(text('hello'))).toEqual({ kind: 'text', text: 'hello', marks: [] })
})

test('a body that is cut is not wrong where it is cut', () => {
  expect(originalOf({ ...text('{"a": 1'), cut: true }).marks).toEqual([])
})

const tried = (at: string) => ({ bad: [{ reason: 'schema' as const, detail: '', problems: [{ at, says: 'wrong' }] }] })

test.each([
  ['/price', '{"type":"track","properties":{"price":"12"}}', '"price"'],
  ['/products/0/sku', '{"properties":{"products":[{"sku":1}]}}', '"sku"'],
  ['/missing', '{"properties":{"price":1}}', '"properties"'],
  ['/products/1/sku', '{"properties":{"products":[{"sku":1}]}}', '"products"'],
  ['/plan', '{"type":"identify","traits":{"plan":1}}', '"plan"'],
])('%s is marked', (at, body, want) => {
  const { text: shown, marks } = originalOf(text(body), tried(at))
  expect(marks.map(({ from, to }) => shown.slice(from, to))).toEqual([want])
})

test('a problem whose place is nowhere marks nothing', () => {
  expect(originalOf(text('[1]'), tried('/price')).marks).toEqual([])
})

test('bytes are shown sixteen a line', () => {
  expect(hexDump('fffe414200')).toBe(`00000000  ff fe 41 42 00${' '.repeat(33)}  ··AB·`)
  expect(hexDump('41'.repeat(17)).split('\n')).toHaveLength(2)
  expect(hexDump('')).toBe('')
})
