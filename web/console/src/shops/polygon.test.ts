import { corners } from '@aisle/ui'
import type { Point } from '@aisle/api'
import { describe, expect, test } from 'vitest'
import { canClose, centre, isInside, isSimple, nearestEdge, shared, snapTo, tidied, withCorner, withMovedCorner, withoutCorner } from './polygon'

const rectangle = (x: number, y: number, width: number, height: number) => corners({ x, y, width, height })
const at = (x: number, y: number): Point => ({ x, y })
const angle = [at(0, 0), at(4, 0), at(4, 2), at(2, 2), at(2, 4), at(0, 4)] // an L
const tie = [at(0, 0), at(4, 4), at(4, 0), at(0, 4)]

test.each([
  ['a rectangle', rectangle(0, 0, 4, 3), true],
  ['an angle', angle, true],
  ['a bow tie', tie, false],
  ['a corner that touches a wall', [at(0, 0), at(4, 0), at(4, 4), at(2, 0), at(0, 4)], true],
])('%s crosses itself or not', (_, polygon, want) => expect(isSimple(polygon)).toBe(want))

test.each([
  [1, 3, true],
  [3, 1, true],
  [3, 3, false],
  [5, 1, false],
])('%d, %d in an angle', (x, y, want) => expect(isInside(angle, at(x, y))).toBe(want))

describe('what two zones share', () => {
  test.each([
    { name: 'nothing', a: rectangle(0, 0, 2, 2), b: rectangle(5, 5, 2, 2), want: 0 },
    { name: 'a wall', a: rectangle(0, 0, 2, 2), b: rectangle(2, 0, 2, 2), want: 0 },
    { name: 'half', a: rectangle(0, 0, 2, 2), b: rectangle(1, 0, 2, 2), want: 2 },
    { name: 'the notch of an angle', a: angle, b: rectangle(2, 2, 2, 2), want: 0 },
    { name: 'one in the other', a: rectangle(0, 0, 4, 4), b: rectangle(1, 1, 1, 1), want: 1 },
  ])('$name', ({ a, b, want }) => expect(shared(a, b)).toBeCloseTo(want, 1))
})

test('the centre of an angle is not that of its box', () => expect(centre(angle)).toEqual({ x: 5 / 3, y: 5 / 3 }))

describe('corners', () => {
  test('are added in the middle of an edge, the last one too', () => {
    expect(withCorner(rectangle(0, 0, 4, 2), 0)[1]).toEqual(at(2, 0))
    expect(withCorner(rectangle(0, 0, 4, 2), 3)[4]).toEqual(at(0, 1))
    expect(withCorner(rectangle(0, 0, 4, 2), 1, at(5, 1))[2]).toEqual(at(5, 1))
  })
  test('are removed as long as three stay', () => {
    const three = withoutCorner(rectangle(0, 0, 4, 2), 1)
    expect(three).toEqual([at(0, 0), at(4, 2), at(0, 2)])
    expect(withoutCorner(three, 0)).toBe(three)
  })
  test('move alone', () => expect(withMovedCorner(rectangle(0, 0, 4, 2), 2, at(6, 6))).toEqual([at(0, 0), at(4, 0), at(6, 6), at(0, 2)]))
})

test('the nearest edge, and where on it', () => {
  expect(nearestEdge(rectangle(0, 0, 4, 2), at(3, -1))).toEqual({ edge: 0, distance: 1, at: at(3, 0) })
  expect(nearestEdge(rectangle(0, 0, 4, 2), at(-1, 1)).edge).toBe(3)
})

describe('snapping', () => {
  const others = rectangle(10, 10, 4, 4)
  test.each([
    { name: 'to a corner', point: at(10.2, 9.9), want: at(10, 10) },
    { name: 'to the line of a corner', point: at(14.1, 3.33), want: at(14, 3.3) },
    { name: 'to two lines', point: at(14.1, 10.1), want: at(14, 10) },
    { name: 'to the grid', point: at(1.234, 2.567), want: at(1.2, 2.6) },
  ])('$name', ({ point, want }) => expect(snapTo(point, others, 0.3, 0.1).at).toEqual(want))
  test('not without a grid', () => expect(snapTo(at(1.234, 2.567), [], 0, 0).at).toEqual(at(1.234, 2.567)))
})

test('a double click is one corner', () => expect(tidied([at(0, 0), at(4, 0), at(4, 0), at(4, 4), at(0, 0)])).toEqual([at(4, 0), at(4, 4), at(0, 0)]))

test.each([
  ['two corners', [at(0, 0), at(1, 1)], false],
  ['a line', [at(0, 0), at(1, 1), at(2, 2)], false],
  ['a bow tie', tie, false],
  ['an angle', angle, true],
])('%s can be a zone or not', (_, points, want) => expect(canClose(points)).toBe(want))
