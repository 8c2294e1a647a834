import { expect, test } from 'vitest'
import { sayMore } from '../words'
import { wrongWith } from './upload'

test('wrongWith says of each bad photo what to mend', async () => {
  await sayMore()
  const portraits = [
    { index: 0, good: false, advice: 'no face found: come closer' },
    { index: 1, good: true },
    { index: 2, good: false },
  ]
  expect(wrongWith(portraits)).toEqual({ 0: 'No face found: come closer.', 2: 'Take it again.' })
})
