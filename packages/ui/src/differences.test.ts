import { expect, test } from 'vitest'
import { changesBetween } from './differences'

test('what is different, field by field', () => {
  const before = { name: 'a', version: 1, trigger: { zones: ['x'] }, offers: [{ title: 't' }], eligibility: 'true' }
  const after = { name: 'b', version: 2, trigger: { zones: ['x', 'y'] }, offers: [{ title: 't' }], eligibility: '' }
  expect(changesBetween(before, after)).toEqual([
    { field: 'eligibility', before: 'true' },
    { field: 'name', before: 'a', after: 'b' },
    { field: 'trigger.zones[1]', after: 'y' },
  ])
})

test('the first version differs from nothing', () => {
  expect(changesBetween(undefined, { name: 'a' })).toEqual([])
})
