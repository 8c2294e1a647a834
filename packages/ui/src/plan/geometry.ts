import type { Camera, Floor, Point, Zone } from '@aisle/api'

/** How metres of a floor become pixels of the screen. */
export interface View {
  scale: number
  left: number
  top: number
}

/** The largest view of a floor that leaves a margin, in the middle. */
export function fit(floor: Pick<Floor, 'width_m' | 'depth_m'>, width: number, height: number, margin: number): View {
  const scale = Math.max(0, Math.min((width - 2 * margin) / floor.width_m, (height - 2 * margin) / floor.depth_m))
  return { scale, left: (width - floor.width_m * scale) / 2, top: (height - floor.depth_m * scale) / 2 }
}

export const toPixels = (view: View, { x, y }: Point): Point => ({ x: view.left + x * view.scale, y: view.top + y * view.scale })
export const toMetres = (view: View, { x, y }: Point): Point => ({ x: (x - view.left) / view.scale, y: (y - view.top) / view.scale })

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

const millimetres = (n: number) => Math.round(n * 1_000) / 1_000

/** The smallest upright rectangle around a polygon, to the millimetre. */
export function box(polygon: Point[]): Box {
  const xs = polygon.map((point) => point.x)
  const ys = polygon.map((point) => point.y)
  const x = Math.min(...xs)
  const y = Math.min(...ys)
  return { x, y, width: millimetres(Math.max(...xs) - x), height: millimetres(Math.max(...ys) - y) }
}

export const corners = ({ x, y, width, height }: Box): Point[] => [
  { x, y },
  { x: x + width, y },
  { x: x + width, y: y + height },
  { x, y: y + height },
]

/** Whether a polygon is an upright rectangle, and so can be edited as one. */
export function isBox(polygon: Point[]): boolean {
  if (polygon.length !== 4) return false
  const around = corners(box(polygon))
  const same = (a: number, b: number) => Math.abs(a - b) < 0.001
  return polygon.every((point) => around.some((corner) => same(corner.x, point.x) && same(corner.y, point.y)))
}

/** The area, in square metres of a polygon in metres, whichever way it turns. */
export function area(polygon: Point[]): number {
  const twice = polygon.reduce((sum, point, i) => {
    const next = polygon[(i + 1) % polygon.length]!
    return sum + point.x * next.y - next.x * point.y
  }, 0)
  return Math.abs(twice) / 2
}

/** How large a zone's name is at most, of letters as they are elsewhere, to be on one line with how many are there. */
export const lettersOf = (name: string, width: number): number => Math.max(0.84, Math.min(1, (width - 26) / (name.length * 6)))

/** An SVG path along a polygon with rounded corners, in pixels. */
export function rounded(points: Point[], radius: number): string {
  return points
    .map((corner, i) => {
      const before = toward(corner, points[(i + points.length - 1) % points.length]!, radius)
      const after = toward(corner, points[(i + 1) % points.length]!, radius)
      return `${i === 0 ? 'M' : 'L'}${at(before)}Q${at(corner)} ${at(after)}`
    })
    .join('') + 'Z'
}

/** The point at a distance from one towards another, at most half way. */
function toward(from: Point, to: Point, distance: number): Point {
  const length = Math.hypot(to.x - from.x, to.y - from.y)
  const part = length === 0 ? 0 : Math.min(0.5, distance / length)
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part }
}

const at = ({ x, y }: Point) => `${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10}`

export interface Door {
  from: Point
  to: Point
  /** Into the shop. */
  inward: Point
}

const nearWall = 2 // metres

/** The door of an entrance: on the outer wall that its zone lies at, or none where it lies at none. */
export function door(floor: Pick<Floor, 'width_m' | 'depth_m'>, zone: Pick<Zone, 'polygon'>): Door | undefined {
  const { x, y, width, height } = box(zone.polygon)
  const walls = [
    { gap: floor.depth_m - (y + height), along: 'x', level: floor.depth_m, inward: { x: 0, y: -1 } },
    { gap: y, along: 'x', level: 0, inward: { x: 0, y: 1 } },
    { gap: x, along: 'y', level: 0, inward: { x: 1, y: 0 } },
    { gap: floor.width_m - (x + width), along: 'y', level: floor.width_m, inward: { x: -1, y: 0 } },
  ]
  const wall = walls.toSorted((a, b) => a.gap - b.gap)[0]!
  if (wall.gap > nearWall) return undefined
  const half = Math.min(1.5, (wall.along === 'x' ? width : height) / 3)
  const middle = wall.along === 'x' ? x + width / 2 : y + height / 2
  const point = (along: number): Point => (wall.along === 'x' ? { x: along, y: wall.level } : { x: wall.level, y: along })
  return { from: point(middle - half), to: point(middle + half), inward: wall.inward }
}

const opening = 42 // degrees
const reach = 6 // metres

/** What a camera looks at: a slice of a circle, in pixels from where it hangs. */
export function cone(camera: Pick<Camera, 'heading_deg'>, view: View): string {
  const radius = Math.max(36, reach * view.scale)
  const end = (degrees: number) => {
    const angle = (degrees * Math.PI) / 180
    return at({ x: Math.cos(angle) * radius, y: Math.sin(angle) * radius })
  }
  const { heading_deg } = camera
  return `M0 0L${end(heading_deg - opening / 2)}A${radius} ${radius} 0 0 1 ${end(heading_deg + opening / 2)}Z`
}
