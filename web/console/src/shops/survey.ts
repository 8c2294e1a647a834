import type { Floor, Point, Shop, SurveyPoint } from '@aisle/api'
import { box } from '@aisle/ui'
import { distance, isInside } from './polygon'

/** Walking a survey: where to stand next, and how much of a floor is walked. */

type On = Pick<Shop, 'zones'>

/** Whether somebody can stand there: in a zone, or anywhere on the floor where no zone is drawn yet. */
export function canStand(shop: On, floor: Floor, at: Point): boolean {
  if (at.x < 0 || at.y < 0 || at.x > floor.width_m || at.y > floor.depth_m) return false
  if (floor.outline?.length && !isInside(floor.outline, at)) return false
  const zones = shop.zones.filter((zone) => zone.floor === floor.id && zone.polygon.length > 2)
  return zones.length === 0 || zones.some(({ polygon }) => isInside(polygon, at))
}

/** Places to stand, `step` metres from one another, row by row as one walks: there and back. */
export function places(shop: On, floor: Floor, step: number): Point[] {
  const columns = Math.max(1, Math.round(floor.width_m / step))
  const rows = Math.max(1, Math.round(floor.depth_m / step))
  const width = floor.width_m / columns
  const depth = floor.depth_m / rows
  const all: Point[] = []
  for (let row = 0; row < rows; row++) {
    const line = Array.from({ length: columns }, (_, column) => ({ x: round((column + 0.5) * width), y: round((row + 0.5) * depth) }))
    all.push(...(row % 2 ? line.toReversed() : line))
  }
  const reached = all.filter((at) => canStand(shop, floor, at))
  // A zone that is smaller than a step gets one place of its own.
  const small = shop.zones
    .filter((zone) => zone.floor === floor.id && zone.polygon.length > 2 && !reached.some((at) => isInside(zone.polygon, at)))
    .map(({ polygon }) => middle(polygon))
    .filter((at) => canStand(shop, floor, at))
  return [...reached, ...small]
}

const middle = (polygon: Point[]): Point => {
  const { x, y, width, height } = box(polygon)
  return { x: round(x + width / 2), y: round(y + height / 2) }
}

const round = (n: number) => Math.round(n * 100) / 100

/** Whether a place is walked: somebody stood within about half a step. */
const isWalked = (place: Point, points: Pick<SurveyPoint, 'at'>[], step: number) => points.some(({ at }) => distance(at, place) <= step * 0.6)

/** The places that are not walked yet. */
export const left = (all: Point[], points: Pick<SurveyPoint, 'at'>[], step: number): Point[] => all.filter((place) => !isWalked(place, points, step))

/** The share of the places that are walked, 0 to 1. */
export const coverage = (all: Point[], points: Pick<SurveyPoint, 'at'>[], step: number): number => (all.length === 0 ? 0 : 1 - left(all, points, step).length / all.length)

/** The next place: the nearest one from where one stands, else the first. Skipped ones come last. */
export function nextPlace(open: Point[], from: Point | undefined, skipped: Point[] = []): Point | undefined {
  const fresh = open.filter((place) => !skipped.some((skip) => distance(skip, place) < 0.01))
  const among = fresh.length > 0 ? fresh : open
  if (!from) return among[0]
  return among.reduce<Point | undefined>((best, place) => (!best || distance(place, from) < distance(best, from) ? place : best), undefined)
}

/** How far off a point was, in words and colours. */
export type Grade = 'good' | 'fair' | 'poor'
export const grade = (metres: number): Grade => (metres <= 2 ? 'good' : metres <= 4 ? 'fair' : 'poor')

/** A tag's id without its middle: what tells tags of one make apart is at its end. */
export const shortTag = (tag: string): string => (tag.length > 30 ? `${tag.slice(0, 13)}…${tag.slice(-14)}` : tag)
