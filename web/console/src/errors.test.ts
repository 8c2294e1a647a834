import { Problem } from '@aisle/api'
import { expect, test } from 'vitest'
import { fieldErrors, fieldPath } from './errors'

test.each([
  ['name', 'name'],
  ['offers[0].title', 'offers.0.title'],
  ['zones[2].polygon[1].x', 'zones.2.polygon.1.x'],
])('%s is %s in the form', (field, want) => expect(fieldPath(field)).toBe(want))

test('fields that the form calls otherwise are renamed, also inside lists', () => {
  const problem = new Problem(422, 'no', [
    { field: 'cooldown_ns', message: 'too long' },
    { field: 'offers[1].valid_ns', message: 'too short' },
    { field: 'name', message: 'taken' },
  ])
  expect(fieldErrors(problem, { cooldown_ns: 'cooldownHours', valid_ns: 'validHours' })).toEqual({
    cooldownHours: 'too long',
    'offers.1.validHours': 'too short',
    name: 'taken',
  })
})

test('other errors belong to no field', () => {
  expect(fieldErrors(new Error('boom'))).toEqual({})
})
