import { area, box } from '@aisle/ui'
import type { Point } from '@aisle/api'

/** The geometry of drawing: corners, edges, what is inside, what crosses what. Metres everywhere. */

export const distance = (a: Point, b: Point) => Math.hypot(a.x - b.x, a.y - b.y)

const turn = (a: Point, b: Point, c: Point): number => {
  const t = (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
  return Math.abs(t) < 1e-4 * distance(a, b) ? 0 : t // within a tenth of a millimetre it is on the line
}

/** Whether two walls go through each other; those that only touch do not. */
export const crosses = (a: Point, b: Point, c: Point, d: Point) => turn(a, b, c) * turn(a, b, d) < 0 && turn(c, d, a) * turn(c, d, b) < 0

/** Whether no wall of a polygon goes through another. */
export const isSimple = (polygon: Point[]) =>
  polygon.every((a, i) => polygon.every((c, j) => j <= i || !crosses(a, polygon[(i + 1) % polygon.length]!, c, polygon[(j + 1) % polygon.length]!)))

/** Whether a point is inside, by the walls to its right. */
export function isInside(polygon: Point[], { x, y }: Point): boolean {
  let inside = false
  polygon.forEach((a, i) => {
    const b = polygon[(i + 1) % polygon.length]!
    if (a.y > y !== b.y > y && x < a.x + ((y - a.y) / (b.y - a.y)) * (b.x - a.x)) inside = !inside
  })
  return inside
}

const raster = 32

/** The area that two polygons have in common, on a raster of a thousand points: enough to tell an overlap from a shared wall. */
export function shared(a: Point[], b: Point[]): number {
  const one = box(a)
  const other = box(b)
  const x = Math.max(one.x, other.x)
  const y = Math.max(one.y, other.y)
  const width = Math.min(one.x + one.width, other.x + other.width) - x
  const height = Math.min(one.y + one.height, other.y + other.height) - y
  if (!(width > 0 && height > 0)) return 0
  let hits = 0
  for (let i = 0; i < raster; i++) {
    for (let j = 0; j < raster; j++) {
      const point = { x: x + (width * (i + 0.5)) / raster, y: y + (height * (j + 0.5)) / raster }
      if (isInside(a, point) && isInside(b, point)) hits++
    }
  }
  return (width * height * hits) / (raster * raster)
}

/** The centre of mass; the mean of the corners where there is no area. */
export function centre(polygon: Point[]): Point {
  let twice = 0
  const sum = { x: 0, y: 0 }
  polygon.forEach((p, i) => {
    const q = polygon[(i + 1) % polygon.length]!
    const cross = p.x * q.y - q.x * p.y
    twice += cross
    sum.x += (p.x + q.x) * cross
    sum.y += (p.y + q.y) * cross
  })
  if (Math.abs(twice) > 1e-9) return { x: sum.x / 3 / twice, y: sum.y / 3 / twice }
  return { x: mean(polygon.map(({ x }) => x)), y: mean(polygon.map(({ y }) => y)) }
}

const mean = (of: number[]) => of.reduce((sum, n) => sum + n, 0) / Math.max(of.length, 1)

/** The polygon with another corner behind the edge's first, in its middle unless it is said where. */
export function withCorner(polygon: Point[], edge: number, at?: Point): Point[] {
  const from = polygon[edge]!
  const to = polygon[(edge + 1) % polygon.length]!
  return [...polygon.slice(0, edge + 1), at ?? { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }, ...polygon.slice(edge + 1)]
}

/** The polygon without a corner; three stay. */
export const withoutCorner = (polygon: Point[], corner: number): Point[] => (polygon.length > 3 ? polygon.filter((_, i) => i !== corner) : polygon)

export const withMovedCorner = (polygon: Point[], corner: number, to: Point): Point[] => polygon.map((point, i) => (i === corner ? to : point))

/** The edge that is nearest to a point, and how far it is. */
export function nearestEdge(polygon: Point[], point: Point): { edge: number; distance: number; at: Point } {
  let best = { edge: 0, distance: Infinity, at: point }
  polygon.forEach((a, edge) => {
    const b = polygon[(edge + 1) % polygon.length]!
    const length = distance(a, b)
    const part = length === 0 ? 0 : Math.min(1, Math.max(0, ((point.x - a.x) * (b.x - a.x) + (point.y - a.y) * (b.y - a.y)) / length ** 2))
    const at = { x: a.x + (b.x - a.x) * part, y: a.y + (b.y - a.y) * part }
    const far = distance(at, point)
    if (far < best.distance) best = { edge, distance: far, at }
  })
  return best
}

export interface Snapped {
  at: Point
  /** What it was drawn to: the corner of another, or lines through such corners. */
  corner?: Point
  x?: number
  y?: number
}

/**
 * A point drawn to what is near: to another corner, else to the lines through other corners, else to the grid.
 * `within` is how near, in metres.
 */
export function snapTo(point: Point, corners: Point[], within: number, grid: number): Snapped {
  const near = corners.reduce<Point | undefined>((best, corner) => (distance(corner, point) <= within && (!best || distance(corner, point) < distance(best, point)) ? corner : best), undefined)
  if (near) return { at: { x: near.x, y: near.y }, corner: near }
  const line = (axis: 'x' | 'y') =>
    corners.reduce<number | undefined>((best, corner) => {
      const far = Math.abs(corner[axis] - point[axis])
      return far <= within / 2 && (best === undefined || far < Math.abs(best - point[axis])) ? corner[axis] : best
    }, undefined)
  const x = line('x')
  const y = line('y')
  return { at: { x: x ?? toGrid(point.x, grid), y: y ?? toGrid(point.y, grid) }, ...(x !== undefined && { x }), ...(y !== undefined && { y }) }
}

const toGrid = (n: number, grid: number) => (grid > 0 ? Math.round(Math.round(n / grid) * grid * 1_000) / 1_000 : n)

/** The polygon without corners that repeat the one before, as a double click makes them. */
export const tidied = (points: Point[]): Point[] => points.filter((point, i) => distance(point, points[(i + points.length - 1) % points.length]!) > 0.01)

/** Whether points make a polygon that can be a zone. */
export const canClose = (points: Point[]) => points.length >= 3 && area(points) >= 0.25 && isSimple(points)
