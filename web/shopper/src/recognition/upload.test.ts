import { expect, test } from 'vitest'
import { byPhoto } from './upload'

test('byPhoto says of each photo what is wrong with it', () => {
  const fields = [
    { field: 'images[0]', message: 'No face is to be seen.' },
    { field: 'images[2]', message: 'The face is too small. Come closer.' },
    { field: 'token', message: 'It has ended.' },
  ]
  expect(byPhoto(fields)).toEqual({ 0: 'No face is to be seen.', 2: 'The face is too small. Come closer.' })
})
