import { expect, test } from 'vitest'
import { sparkPath } from './Spark'

test.each([
  { name: 'from nought to the top', values: [0, 5, 10], want: 'M0 9L50 5L100 1' },
  { name: 'one value is no line', values: [5], want: '' },
  { name: 'nothing is no line', values: [0, 0], want: '' },
])('$name', ({ values, want }) => expect(sparkPath(values, 100, 10)).toBe(want))
