import { describe, expect, it } from 'vitest'
import { codeOf, halves } from './read'

describe('codeOf', () => {
  const tests: [name: string, text: string, want: string | undefined][] = [
    ['as it is', '7K2M9QXA', '7K2M9QXA'],
    ['as it is read aloud', ' 7k2m-9qxa ', '7K2M9QXA'],
    ['letters that look like digits', 'OIL0 0123', '01100123'],
    ['too short', '7K2M', undefined],
    ['too long', '7K2M9QXA7', undefined],
    ['another code', 'https://shop.example/', undefined],
    ['a letter that codes do not have', 'UUUUUUUU', undefined],
    ['nothing', '', undefined],
  ]
  it.each(tests)('%s', (_, text, want) => expect(codeOf(text)).toBe(want))
})

it('shows a code in halves', () => expect(halves('7K2M9QXA')).toBe('7K2M 9QXA'))
