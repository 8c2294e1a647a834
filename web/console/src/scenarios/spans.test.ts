import { describe, expect, it } from 'vitest'
import { spanOf, spanText } from './spans'

describe('a length of time', () => {
  it.each([
    ['90 s', 90e9],
    ['20 min', 1200e9],
    ['2 h', 7200e9],
    ['14 d', 14 * 86_400e9],
    ['', 0],
  ])('%s is written and read the same', (text, ns) => {
    expect(spanText(ns)).toBe(text)
    expect(spanOf(text)).toBe(ns)
  })
  it.each([
    ['1h 30m', 5400e9],
    ['1.5 hours', 5400e9],
    ['2days', 2 * 86_400e9],
    [' 5 Min ', 300e9],
    ['2 uur 5 minuten', 7500e9],
    ['٢٠ دقيقة', 1200e9],
    ['14 يومًا', 14 * 86_400e9],
  ])('%s is understood', (text, ns) => expect(spanOf(text)).toBe(ns))
  it.each(['soon', '5', '5 parsecs', '-2 h', '5 min or so', '0 s'])('%s is not', (text) => expect(spanOf(text)).toBeUndefined())
  it('writes what is no whole number of anything in parts', () => expect(spanText(5_430e9 + 0.5e9)).toBe('1 h 30 min 30.5 s'))
})
