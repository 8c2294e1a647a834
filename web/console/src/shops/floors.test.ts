import { corners } from '@aisle/ui'
import type { Floor, Shop } from '@aisle/api'
import { describe, expect, test } from 'vitest'
import { fittedToPicture, movedFloor, onFloor, scaled, withFloor, withoutFloor, withPicture } from './floors'
import { mistakesIn, newShop } from './plan'

const empty = newShop('Rotterdam', 'Europe/Amsterdam', 'EUR', 20, 10, [])
const two: Shop = {
  ...withFloor(empty).shop,
  zones: [
    { id: 'a', floor: 'ground', name: 'A', kind: 'sales', polygon: corners({ x: 1, y: 1, width: 4, height: 3 }), dwell_ns: 0 },
    { id: 'b', floor: 'first-floor', name: 'B', kind: 'sales', polygon: corners({ x: 1, y: 1, width: 4, height: 3 }), dwell_ns: 0 },
  ],
  receivers: [{ id: 'r1', floor: 'ground', zone: 'b', at: { x: 2, y: 2 } }],
  entrances: [{ id: 'stairs', floor: 'ground', at: { x: 9, y: 9 }, leads: 'first-floor' }],
  canaries: [{ tag: 't', floor: 'first-floor', at: { x: 2, y: 2 } }],
}

test('a new floor is as large as the one before, and has a name of its own', () => {
  expect(two.floors[1]).toEqual({ id: 'first-floor', name: 'First floor', width_m: 20, depth_m: 10 })
  expect(withFloor(two).id).toBe('second-floor')
})

test('floors change places', () => {
  expect(movedFloor(two, 'ground', 1).floors.map(({ id }) => id)).toEqual(['first-floor', 'ground'])
  expect(movedFloor(two, 'ground', -1)).toBe(two)
})

test('a floor goes with all that is on it', () => {
  expect(onFloor(two, 'first-floor')).toBe('1 zone, 1 canary tag')
  const one = withoutFloor(two, 'first-floor')
  expect(one).toMatchObject({ floors: [{ id: 'ground' }], zones: [{ id: 'a' }], canaries: [], receivers: [{ zone: '' }] })
  expect(one.entrances).toEqual([{ id: 'stairs', floor: 'ground', at: { x: 9, y: 9 } }])
  expect(mistakesIn(one).map(({ message }) => message)).toEqual(['r1: choose its zone'])
})

describe('the picture under a floor', () => {
  const floor: Floor = withPicture(two.floors[0]!, '/p', { width: 1000, height: 1000 })
  test('fits the floor, and is not stretched', () => expect(floor.picture).toEqual({ at: { x: 5, y: 0 }, width_m: 10, depth_m: 10, opacity: 0.6 }))
  test('is scaled by two points of known distance, the first stays', () => {
    expect(scaled(floor, { x: 5, y: 0 }, { x: 7, y: 0 }, 4).picture).toEqual({ at: { x: 5, y: 0 }, width_m: 20, depth_m: 20, opacity: 0.6 })
    expect(scaled(floor, { x: 10, y: 5 }, { x: 10, y: 7 }, 1).picture).toEqual({ at: { x: 7.5, y: 2.5 }, width_m: 5, depth_m: 5, opacity: 0.6 })
    expect(scaled(floor, { x: 1, y: 1 }, { x: 1, y: 1 }, 4)).toBe(floor)
  })
  test('gives the floor its size, and what is drawn stays on it', () => {
    const fitted = fittedToPicture({ ...two, floors: [floor, two.floors[1]!], zones: [{ ...two.zones[0]!, polygon: corners({ x: 6, y: 1, width: 2, height: 2 }) }, two.zones[1]!] }, 'ground')
    expect(fitted.floors[0]).toMatchObject({ width_m: 10, depth_m: 10, picture: { at: { x: 0, y: 0 } } })
    expect(fitted.zones[0]!.polygon[0]).toEqual({ x: 1, y: 1 })
    expect(fitted.zones[1]).toBe(two.zones[1])
  })
})
