import { corners } from '@aisle/ui'
import { describe, expect, test } from 'vitest'
import { newShop } from './plan'
import { canStand, coverage, left, nextPlace, places, shortTag } from './survey'

const empty = newShop('Rotterdam', 'Europe/Amsterdam', 'EUR', 12, 6, [])
const floor = empty.floors[0]!
const zone = (id: string, x: number, y: number, width: number, height: number) => ({ id, floor: 'ground', name: id, kind: 'sales' as const, polygon: corners({ x, y, width, height }), dwell_ns: 0 })
const at = (x: number, y: number) => ({ x, y })

describe('where to stand', () => {
  test('everywhere, there and back, where no zone is drawn', () => {
    expect(places(empty, floor, 4)).toEqual([at(2, 1.5), at(6, 1.5), at(10, 1.5), at(10, 4.5), at(6, 4.5), at(2, 4.5)])
  })
  test('in zones where there are some, and once in each small one', () => {
    const shop = { zones: [zone('left', 0, 0, 4, 6), zone('till', 11, 0, 1, 1)] }
    expect(places(shop, floor, 4)).toEqual([at(2, 1.5), at(2, 4.5), at(11.5, 0.5)])
  })
  test('within the walls', () => expect(canStand(empty, { ...floor, outline: [at(0, 0), at(12, 0), at(0, 6)] }, at(11, 5))).toBe(false))
})

describe('progress', () => {
  const all = places(empty, floor, 4)
  const walked = [{ at: at(2.5, 2) }, { at: at(10, 4) }]
  test('counts who stood near enough', () => {
    expect(left(all, walked, 4)).toHaveLength(4)
    expect(coverage(all, walked, 4)).toBeCloseTo(1 / 3)
    expect(coverage([], walked, 4)).toBe(0)
  })
  test('goes on with the nearest place, skipped ones last', () => {
    const open = left(all, walked, 4)
    expect(nextPlace(open, at(2.5, 2))).toEqual(at(2, 4.5))
    expect(nextPlace(open, at(2.5, 2), [at(2, 4.5)])).toEqual(at(6, 1.5))
    expect(nextPlace([at(2, 4.5)], undefined, [at(2, 4.5)])).toEqual(at(2, 4.5))
    expect(nextPlace([], at(0, 0))).toBeUndefined()
  })
})

test.each([
  ['eddy:aaaa-1', 'eddy:aaaa-1'],
  ['iBeacon:a15e0000-0000-4000-8000-00000000feed-7-9', 'iBeacon:a15e0…000000feed-7-9'],
])('%s is shown as %s', (tag, want) => expect(shortTag(tag)).toBe(want))
