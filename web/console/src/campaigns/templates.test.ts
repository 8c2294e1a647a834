import type { Shop } from '@aisle/api'
import { describe, expect, test } from 'vitest'
import { draftOf, mistakes } from './draft'
import { copyOf, templates } from './templates'

const shop: Shop = {
  id: 'rtm', name: 'Rotterdam', time_zone: 'UTC', currency: 'GBP', quiet: { from_minute: 0, until_minute: 0 }, floors: [], receivers: [], cameras: [],
  zones: [
    { id: 'door', name: 'Door', floor: 'g', kind: 'entrance', polygon: [], dwell_ns: 0 },
    { id: 'shoes', name: 'Shoes', floor: 'g', kind: 'sales', category: 'footwear', polygon: [], dwell_ns: 0 },
  ],
}

describe.each(templates.filter(({ id }) => id !== 'blank'))('$name', ({ draft }) => {
  test('needs nothing more, with a shop or without', () => {
    expect(mistakes(draftOf(draft(shop), 'EUR'))).toEqual({})
    expect(mistakes(draftOf(draft(undefined), 'EUR'))).toEqual({})
  })
})

test('a template is about the first zone where something is sold, in the shop’s money', () => {
  expect(templates[0]!.draft(shop)).toMatchObject({
    name: 'Lingering at Shoes',
    trigger: { shop: 'rtm', zones: ['shoes'] },
    offers: [{ category: 'footwear', value: { currency: 'GBP' } }],
  })
})

test('a copy is new', () => {
  const copy = copyOf({ ...templates[0]!.draft(shop), id: 'a', status: 'live', version: 7 })
  expect(copy).toMatchObject({ name: 'Lingering at Shoes, copy', offers: [{ id: '' }] })
  expect(copy).not.toHaveProperty('version')
  expect(copy).not.toHaveProperty('id')
})
