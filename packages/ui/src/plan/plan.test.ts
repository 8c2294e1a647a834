import type { Point } from '@aisle/api'
import { describe, expect, test } from 'vitest'
import { area, box, corners, cone, door, fit, isBox, rounded, toMetres, toPixels } from './geometry'
import { capacity, heat } from './heat'

const rectangle = (x: number, y: number, width: number, height: number) => corners({ x, y, width, height })
const floor = { width_m: 20, depth_m: 10 }

describe('the view of a floor', () => {
  test.each([
    { name: 'as wide as the screen', width: 420, height: 900, want: { scale: 20, left: 10, top: 350 } },
    { name: 'as high as the screen', width: 900, height: 220, want: { scale: 20, left: 250, top: 10 } },
    { name: 'nothing in no room', width: 0, height: 0, want: { scale: 0, left: 0, top: 0 } },
  ])('$name', ({ width, height, want }) => expect(fit(floor, width, height, 10)).toEqual(want))

  test('there and back', () => {
    const view = fit(floor, 420, 900, 10)
    expect(toMetres(view, toPixels(view, { x: 3, y: 4 }))).toEqual({ x: 3, y: 4 })
  })
})

test('the box around a polygon', () => {
  expect(box([{ x: 2, y: 1 }, { x: 5, y: 3 }, { x: 1, y: 4 }])).toEqual({ x: 1, y: 1, width: 4, height: 3 })
})

test.each<[string, Point[], boolean]>([
  ['a rectangle', rectangle(1, 1, 2, 3), true],
  ['from another corner', rectangle(1, 1, 2, 3).toReversed(), true],
  ['a triangle', [{ x: 0, y: 0 }, { x: 1, y: 0 }, { x: 0, y: 1 }], false],
  ['askew', [{ x: 0, y: 0 }, { x: 2, y: 1 }, { x: 1, y: 3 }, { x: 0, y: 2 }], false],
])('%s', (_, polygon, want) => expect(isBox(polygon)).toBe(want))

test('the area, whichever way it turns', () => {
  expect(area(rectangle(0, 0, 4, 3))).toBe(12)
  expect(area(rectangle(0, 0, 4, 3).toReversed())).toBe(12)
})

test('rounded corners meet half way along short sides', () => {
  expect(rounded(rectangle(0, 0, 4, 4), 8)).toBe('M0 2Q0 0 2 0L2 0Q4 0 4 2L4 2Q4 4 2 4L2 4Q0 4 0 2Z')
})

describe('the door of an entrance', () => {
  test.each([
    { name: 'at the front', polygon: rectangle(2, 8, 6, 2), want: { from: { x: 3.5, y: 10 }, to: { x: 6.5, y: 10 }, inward: { x: 0, y: -1 } } },
    { name: 'on the left', polygon: rectangle(0.5, 3, 3, 3), want: { from: { x: 0, y: 3.5 }, to: { x: 0, y: 5.5 }, inward: { x: 1, y: 0 } } },
    { name: 'at no wall', polygon: rectangle(8, 4, 2, 2), want: undefined },
  ])('$name', ({ polygon, want }) => expect(door(floor, { polygon })).toEqual(want))
})

test('a camera looks along its heading', () => {
  expect(cone({ heading_deg: 0 }, { scale: 10, left: 0, top: 0 })).toBe('M0 0L56 -21.5A60 60 0 0 1 56 21.5Z')
})

describe('heat', () => {
  test.each([
    [0, 'color-mix(in oklab, var(--heat-2) 0%, var(--heat-1))'],
    [0.5, 'color-mix(in oklab, var(--heat-3) 50%, var(--heat-2))'],
    [1, 'color-mix(in oklab, var(--heat-4) 100%, var(--heat-3))'],
    [7, 'color-mix(in oklab, var(--heat-4) 100%, var(--heat-3))'],
    [-1, 'color-mix(in oklab, var(--heat-2) 0%, var(--heat-1))'],
  ])('%s', (share, want) => expect(heat(share)).toBe(want))
})

test('a zone that does not say what it holds has four square metres a person', () => {
  expect(capacity({ polygon: rectangle(0, 0, 4, 3) })).toBe(3)
  expect(capacity({ capacity: 20, polygon: rectangle(0, 0, 4, 3) })).toBe(20)
  expect(capacity({ polygon: rectangle(0, 0, 1, 1) })).toBe(1)
})
