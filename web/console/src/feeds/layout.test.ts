import { expect, test } from 'vitest'
import { layoutOf, layoutWords, noteWords, usualLayouts } from './layout'

test.each([
  ['02.01.2006 15:04', 'DD.MM.YYYY HH:mm'],
  ['2006-01-02T15:04:05.000Z07:00', 'YYYY-MM-DDTHH:mm:ss.000Z±HH:MM'],
  ['Jan _2 15:04:05', 'MMM _D HH:mm:ss'],
  ['02/Jan/2006:15:04:05 -0700', 'DD/MMM/YYYY:HH:mm:ss ±HHMM'],
  ['1/2/06 3:04 PM', 'M/D/YY h:mm AM/PM'],
  ['Monday, January 2, 2006', 'DDDD, MMMM D, YYYY'],
  ['unix_ms', 'milliseconds since 1970'],
  ['any', 'several ways'],
])('%s is %s, and back', (layout, words) => {
  expect(layoutWords(layout)).toBe(words)
  expect(layoutOf(words)).toBe(layout)
})

test('what is said of a field has layouts as people write them', () => {
  expect(noteWords('day or month first? 01.02.2006 15:04 is taken; 02.01.2006 15:04 fits as well')).toBe('day or month first? MM.DD.YYYY HH:mm is taken; DD.MM.YYYY HH:mm fits as well')
  expect(noteWords('the year is not said')).toBe('the year is not said')
})

test('what cannot come back stays as it is', () => {
  expect(layoutWords('YYYY 2006')).toBe('YYYY 2006')
})

test('who knows Go may write it', () => expect(layoutOf('2006-01-02')).toBe('2006-01-02'))

test.each(usualLayouts)('%s can be chosen', (words) => expect(layoutWords(layoutOf(words))).toBe(words))
