import { expect, test } from 'vitest'
import { theirs } from './edited'

const before = { version: 3, updated: 'a', status: 'live', name: 'Shoes', eligibility: 'true', audience: 'x', trees: { eligibility: { combinator: 'and', rules: [] } } }

test('what somebody else changed is what a writer wrote', () => {
  expect(theirs(before, { ...before, version: 4, name: 'Boots' })).toEqual([{ field: 'name', before: 'Shoes', after: 'Boots' }])
})

test('that it was paused, or that its segment says something else, takes nothing from who writes', () => {
  expect(theirs(before, { ...before, version: 5, updated: 'b', status: 'paused', audience: 'y' })).toEqual([])
})

test('a rule that was built is told once, in its own words', () => {
  const built = { ...before, version: 4, eligibility: 'tier == "gold"', trees: { eligibility: { combinator: 'and', rules: [{ field: 'tier', operator: '=', value: 'gold' }] } } }
  expect(theirs(before, built)).toEqual([{ field: 'eligibility', before: 'true', after: 'tier == "gold"' }])
})
