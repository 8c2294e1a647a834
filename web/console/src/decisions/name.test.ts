import { expect, test } from 'vitest'
import { decisionIn } from './name'

test.each([
  ['3-1200-0', '3-1200-0'],
  [' 3-1200-0 ', '3-1200-0'],
  ['https://shop.example/console/decisions/3-1200-0', '3-1200-0'],
  ['/staff/?why=3-1200-0', '3-1200-0'],
  ['shoes', undefined],
  ['3-1200', undefined],
])('%s names %s', (text, want) => expect(decisionIn(text)).toBe(want))
