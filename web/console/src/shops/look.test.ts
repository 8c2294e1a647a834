import { toMetres } from '@aisle/ui'
import { expect, test } from 'vitest'
import { kept, panned, viewOf, whole, zoomedAt } from './look'

const fitted = { scale: 20, left: 10, top: 30 }

test('what is under the pointer stays there', () => {
  const at = { x: 150, y: 90 }
  const before = toMetres(viewOf(fitted, whole), at)
  const closer = zoomedAt(zoomedAt(whole, 2, at), 1.5, { x: 20, y: 20 })
  expect(toMetres(viewOf(fitted, zoomedAt(whole, 2, at)), at)).toEqual(before)
  expect(closer.zoom).toBe(3)
})

test('no farther than the whole floor, no closer than twenty times', () => {
  expect(zoomedAt({ zoom: 2, x: -30, y: 0 }, 0.1, { x: 0, y: 0 })).toEqual(whole)
  expect(zoomedAt(whole, 100, { x: 0, y: 0 }).zoom).toBe(20)
})

test('the whole floor is not moved, and no look leaves the plan', () => {
  expect(panned(whole, 50, 50)).toEqual(whole)
  expect(kept(panned({ zoom: 2, x: 0, y: 0 }, 90, -900), 400, 300)).toEqual({ zoom: 2, x: 0, y: -300 })
})
