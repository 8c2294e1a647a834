import { expect, test } from 'vitest'
import { lineOf, scan } from './scan'

test('each value has its place, by JSON pointer', () => {
  const text = '{"a": [1, {"b/c": "x~"}],\n "d": null}'
  const { at, names, wrong } = scan(text)
  const of = (pointer: string) => {
    const span = at.get(pointer)
    return span && text.slice(span.from, span.to)
  }
  expect(wrong).toBeUndefined()
  expect(of('')).toBe(text)
  expect(of('/a/0')).toBe('1')
  expect(of('/a/1/b~1c')).toBe('"x~"')
  expect(of('/d')).toBe('null')
  const name = names.get('/d')!
  expect(text.slice(name.from, name.to)).toBe('"d"')
})

test.each([
  ['{"price": 12,}', 13, 'a comma too many before }'],
  ['[1,]', 3, 'a comma too many before ]'],
  ['[1 2]', 3, 'a comma'],
  ['{"a" 1}', 5, 'a colon'],
  ['{a: 1}', 1, 'double quotes'],
  ["{'a': 1}", 1, 'double quotes'],
  ['{"a": "x', 6, 'no closing quote'],
  ['{"a": 1', 7, '} is missing'],
  ['["a"', 4, '] is missing'],
  ['', 0, 'missing'],
  ['{} {}', 3, 'has ended'],
  ['{"a": 01}', 7, 'comma'],
  ['{"a": NaN}', 6, 'a value'],
  ['"\\x"', 1, 'backslash'],
  ['"\\u12"', 1, 'four hexadecimal'],
  ['"a\nb"', 2, 'line break'],
  ['['.repeat(300), 201, 'too deep'],
])('%s is wrong at %i', (text, at, says) => {
  const { wrong } = scan(text)
  expect(wrong?.at).toBe(at)
  expect(wrong?.says).toContain(says)
  expect(() => JSON.parse(text.startsWith('[[[') ? `${text}x` : text)).toThrow(SyntaxError)
})

test.each(['0', '-1.5e+3', '[]', '{}', ' [ ] ', '{"":{"a":[{}]}}', '"\\u00e9\\n\\""', 'true'])('%s is right', (text) => {
  expect(scan(text).wrong).toBeUndefined()
  expect(() => JSON.parse(text)).not.toThrow()
})

test('line and column begin at 1', () => {
  expect(lineOf('ab\ncd', 0)).toEqual({ line: 1, column: 1 })
  expect(lineOf('ab\ncd', 4)).toEqual({ line: 2, column: 2 })
})
