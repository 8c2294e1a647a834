import type { Feature } from '@aisle/api'
import { describe, expect, it } from 'vitest'
import { bars, makes } from './say'

const feature: Feature = { name: 'x', type: 'number', aggregate: 'count', events: ['order_completed'], looks: 'all that ever was', missing: 0 }

describe('makes', () => {
  it.each<[Partial<Feature>, string]>([
    [{}, 'how many'],
    [{ by: 'zone' }, 'how many, by zone'],
    [{ aggregate: 'sum', of: 'value', by: 'category' }, 'sum of value, by category'],
    [{ aggregate: 'rate', per: ['offer_viewed'] }, 'how many for each offer_viewed'],
  ])('%o says %s', (over, want) => {
    expect(makes({ ...feature, ...over })).toBe(want)
  })
})

describe('bars', () => {
  it('are as long as their share of the greatest', () => {
    expect(bars({ b: 1, a: 4, c: 4 })).toEqual([
      { key: 'a', n: 4, share: 1 },
      { key: 'c', n: 4, share: 1 },
      { key: 'b', n: 1, share: 0.25 },
    ])
  })
  it('of nothing, and of noughts, have no length', () => {
    expect(bars(3)).toEqual([])
    expect(bars({ a: 0 })).toEqual([{ key: 'a', n: 0, share: 0 }])
  })
})
