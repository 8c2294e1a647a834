import type { GroundPoint, Point } from '@aisle/api'

/** Showing a camera the floor: plain functions. Places in a picture are shares of its sides, from the top left. */

/** A point that is being shown: in the picture, on the plan, or both. */
export interface Shown {
  picture?: Point | undefined
  at?: Point | undefined
}

export const wanted = 4

export const shownOf = (ground: GroundPoint[]): Shown[] =>
  Array.from({ length: wanted }, (_, i) => {
    const point = ground[i]
    return point ? { picture: { x: point.x, y: point.y }, at: point.at } : {}
  })

/** The four points, once all are shown in both. */
export function complete(shown: Shown[]): GroundPoint[] | undefined {
  const all = shown.flatMap(({ picture, at }) => (picture && at ? [{ ...picture, at }] : []))
  return all.length === wanted ? all : undefined
}

/** What is to be pressed next: which point, and where. */
export function nextStep(shown: Shown[], chosen: number): { point: number; where: 'picture' | 'plan' } | undefined {
  const missing = (i: number) => (shown[i]?.picture ? (shown[i].at ? undefined : ('plan' as const)) : ('picture' as const))
  for (const i of [chosen, ...shown.keys()]) {
    const where = missing(i)
    if (where) return { point: i, where }
  }
  return undefined
}

/** From metres of the floor to the picture, undefined behind the camera; or undefined where the four give no view. */
export function viewFrom(ground: GroundPoint[]): ((at: Point) => Point | undefined) | undefined {
  if (ground.length !== wanted) return undefined
  const centre = { x: mean(ground.map(({ at }) => at.x)), y: mean(ground.map(({ at }) => at.y)) }
  const rows = ground.flatMap(({ x, y, at }) => {
    const [u, v] = [at.x - centre.x, at.y - centre.y]
    return [
      [u, v, 1, 0, 0, 0, -u * x, -v * x, x],
      [0, 0, 0, u, v, 1, -u * y, -v * y, y],
    ]
  })
  const h = solve(rows)
  if (!h) return undefined
  const [a, b, c, d, e, f, g, i] = h as [number, number, number, number, number, number, number, number]
  return (at) => {
    const [u, v] = [at.x - centre.x, at.y - centre.y]
    const w = g * u + i * v + 1
    return w > 0.02 ? { x: (a * u + b * v + c) / w, y: (d * u + e * v + f) / w } : undefined
  }
}

const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Gauss's elimination; the last column is the right side. */
function solve(rows: number[][]): number[] | undefined {
  const n = rows.length
  for (let c = 0; c < n; c++) {
    let best = c
    for (let r = c + 1; r < n; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[best]![c]!)) best = r
    if (Math.abs(rows[best]![c]!) < 1e-10) return undefined
    ;[rows[c], rows[best]] = [rows[best]!, rows[c]!]
    for (let r = 0; r < n; r++) {
      if (r === c) continue
      const factor = rows[r]![c]! / rows[c]![c]!
      for (let k = c; k <= n; k++) rows[r]![k]! -= factor * rows[c]![k]!
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!)
}

/** Lines a metre apart around the four points, as they would lie in the picture. */
export function gridLines(ground: GroundPoint[]): Point[][] {
  const view = viewFrom(ground)
  if (!view) return []
  const xs = ground.map(({ at }) => at.x)
  const ys = ground.map(({ at }) => at.y)
  const [left, right, top, bottom] = [Math.floor(Math.min(...xs)) - 1, Math.ceil(Math.max(...xs)) + 1, Math.floor(Math.min(...ys)) - 1, Math.ceil(Math.max(...ys)) + 1]
  const step = Math.max(1, Math.ceil(Math.max(right - left, bottom - top) / 14))
  const lines: Point[][] = []
  const line = (points: Point[]) => {
    const seen = points.map(view).filter((point) => point !== undefined)
    if (seen.length > 1) lines.push(seen)
  }
  const along = (from: number, to: number) => Array.from({ length: 13 }, (_, i) => from + ((to - from) * i) / 12)
  for (let x = left; x <= right; x += step) line(along(top, bottom).map((y) => ({ x, y })))
  for (let y = top; y <= bottom; y += step) line(along(left, right).map((x) => ({ x, y })))
  return lines
}
