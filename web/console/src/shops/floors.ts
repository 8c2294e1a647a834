import type { Entrance, Floor, Point, Shop } from '@aisle/api'
import { idFrom } from './plan'
import { distance } from './polygon'
import { t } from './words'

/** Changing the floors of a shop: plain functions from one shop to the next. */

/** Their ids, in whatever language they are called. */
const ids = ['ground-floor', 'first-floor', 'second-floor', 'third-floor']

export function withFloor(shop: Shop): { shop: Shop; id: string } {
  const like = shop.floors.at(-1)
  const number = shop.floors.length + 1
  const free = t.fresh.floors.findIndex((name) => !shop.floors.some((floor) => floor.name === name))
  const id = idFrom(ids[free] ?? `floor-${number}`, shop.floors.map((floor) => floor.id))
  const floor: Floor = { id, name: t.fresh.floors[free] ?? t.fresh.floor(number), width_m: like?.width_m ?? 30, depth_m: like?.depth_m ?? 18 }
  return { shop: { ...shop, floors: [...shop.floors, floor] }, id }
}

export const changeFloor = (shop: Shop, id: string, to: (floor: Floor) => Floor): Shop => ({ ...shop, floors: shop.floors.map((floor) => (floor.id === id ? to(floor) : floor)) })

/** A floor moved up (-1) or down (1) in the list, as far as it goes. */
export function movedFloor(shop: Shop, id: string, by: -1 | 1): Shop {
  const from = shop.floors.findIndex((floor) => floor.id === id)
  const to = from + by
  if (from < 0 || to < 0 || to >= shop.floors.length) return shop
  const floors = [...shop.floors]
  ;[floors[from], floors[to]] = [floors[to]!, floors[from]!]
  return { ...shop, floors }
}

/** The shop without a floor and all that is on it; stairs that led there lead to the street. */
export function withoutFloor(shop: Shop, id: string): Shop {
  const zones = new Set(shop.zones.filter((zone) => zone.floor === id).map((zone) => zone.id))
  const stays = ({ floor }: { floor: string }) => floor !== id
  const away = <T extends { zone: string }>(device: T): T => (zones.has(device.zone) ? { ...device, zone: '' } : device)
  return {
    ...shop,
    floors: shop.floors.filter((floor) => floor.id !== id),
    zones: shop.zones.filter(stays),
    receivers: shop.receivers.filter(stays).map(away),
    cameras: shop.cameras.filter(stays).map(away),
    ...(shop.fixtures && { fixtures: shop.fixtures.filter(stays) }),
    ...(shop.canaries && { canaries: shop.canaries.filter(stays) }),
    ...(shop.entrances && {
      entrances: shop.entrances.filter(stays).map((entrance) => (entrance.leads === id ? leading(entrance, '') : entrance)),
    }),
  }
}

/** An entrance that leads to a floor, or with none to the street. */
export function leading(entrance: Entrance, to: string): Entrance {
  const { leads: _, ...street } = entrance
  return to ? { ...street, leads: to } : street
}

/** What goes with a floor, in words. */
export function onFloor(shop: Shop, id: string): string {
  const here = (of: { floor: string }[] | undefined) => (of ?? []).filter(({ floor }) => floor === id).length
  const counts = (['zones', 'receivers', 'cameras', 'entrances', 'canaries'] as const).flatMap((list) => {
    const n = here(shop[list])
    return n > 0 ? [t.counts[list](n)] : []
  })
  return counts.length > 0 ? t.list(counts) : ''
}

/** A floor whose picture fills its rectangle without being stretched: as wide as the floor, as deep as it comes out. */
export function withPicture(floor: Floor, image: string, pixels: { width: number; height: number }): Floor {
  const scale = Math.min(floor.width_m / pixels.width, floor.depth_m / pixels.height)
  const size = { width_m: metres(pixels.width * scale), depth_m: metres(pixels.height * scale) }
  return { ...floor, image, picture: { at: { x: metres((floor.width_m - size.width_m) / 2), y: metres((floor.depth_m - size.depth_m) / 2) }, ...size, opacity: 0.6 } }
}

export function withoutPicture(floor: Floor): Floor {
  const { image: _, picture: __, ...bare } = floor
  return bare
}

/** The picture made larger or smaller around its first point, so that two points are as far from each other as they are. */
export function scaled(floor: Floor, from: Point, to: Point, really: number): Floor {
  const { picture } = floor
  const drawn = distance(from, to)
  if (!picture || !(drawn > 0.01) || !(really > 0)) return floor
  const by = really / drawn
  return {
    ...floor,
    picture: {
      ...picture,
      at: { x: metres(from.x + (picture.at.x - from.x) * by), y: metres(from.y + (picture.at.y - from.y) * by) },
      width_m: metres(picture.width_m * by),
      depth_m: metres(picture.depth_m * by),
    },
  }
}

/** The floor as large as its picture, which then begins at its corner; what is drawn stays over the same part of it. */
export function fittedToPicture(shop: Shop, id: string): Shop {
  const floor = shop.floors.find((floor) => floor.id === id)
  if (!floor?.picture) return shop
  const { at, width_m, depth_m } = floor.picture
  const back = (point: Point): Point => ({ x: metres(point.x - at.x), y: metres(point.y - at.y) })
  const here = <T extends { floor: string; at: Point }>(of: T[]): T[] => of.map((thing) => (thing.floor === id ? { ...thing, at: back(thing.at) } : thing))
  return {
    ...shop,
    floors: shop.floors.map((other) =>
      other.id === id
        ? { ...other, width_m: metres(width_m), depth_m: metres(depth_m), picture: { ...floor.picture!, at: { x: 0, y: 0 } }, ...(other.outline && { outline: other.outline.map(back) }) }
        : other,
    ),
    zones: shop.zones.map((zone) => (zone.floor === id ? { ...zone, polygon: zone.polygon.map(back) } : zone)),
    receivers: here(shop.receivers),
    cameras: here(shop.cameras),
    ...(shop.fixtures && { fixtures: here(shop.fixtures) }),
    ...(shop.entrances && { entrances: here(shop.entrances) }),
    ...(shop.canaries && { canaries: here(shop.canaries) }),
  }
}

const metres = (n: number) => Math.round(n * 100) / 100
