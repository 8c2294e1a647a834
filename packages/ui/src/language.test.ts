import { expect, test } from 'vitest'
import { plurals, wanted } from './language'

test('Arabic has its six forms', () => {
  const say = plurals('ar')
  const forms = { zero: 'zero', one: 'one', two: 'two', few: 'few', many: 'many', other: 'other' }
  expect([0, 1, 2, 3, 11, 100].map((n) => say(n, forms))).toEqual(['zero', 'one', 'two', 'few', 'many', 'other'])
})

test('a number is written as the language writes it', () => {
  expect(plurals('nl')(1200, { one: '# dag', other: '# dagen' })).toBe('1.200 dagen')
})

test.each([
  [['nl-BE', 'en'], 'nl'],
  [['fr', 'AR-EG'], 'ar'],
  [['fr'], undefined],
])('a browser that asks for %s is answered in %s', (browser, want) => {
  expect(wanted({ en: 0, nl: 0, ar: 0 }, browser)).toBe(want)
})
