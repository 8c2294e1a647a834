import { box, corners, isBox, type Box } from '@aisle/ui'
import type { Camera, Point, Receiver, Shop, Zone } from '@aisle/api'

/** Changing a shop's plan: plain functions from one shop to the next. */

export type Kind = 'zone' | 'receiver' | 'camera'
export interface Chosen {
  kind: Kind
  id: string
}

const grid = 0.1 // metres
export const least = 0.5 // metres, of a zone's sides
export const snap = (n: number) => Math.round(Math.round(n / grid) * grid * 100) / 100

/** An id from a name: "Coffee & tea" is `coffee-tea`, and another of that name `coffee-tea-2`. */
export function idFrom(name: string, taken: string[]): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  const base = plain || 'unnamed'
  if (!taken.includes(base)) return base
  let n = 2
  while (taken.includes(`${base}-${n}`)) n++
  return `${base}-${n}`
}

export const changeZone = (shop: Shop, id: string, change: (zone: Zone) => Zone): Shop => ({
  ...shop,
  zones: shop.zones.map((zone) => (zone.id === id ? change(zone) : zone)),
})

/** Another id, in everything that names the zone. */
export const renameZone = (shop: Shop, from: string, to: string): Shop => ({
  ...shop,
  zones: shop.zones.map((zone) => (zone.id === from ? { ...zone, id: to } : zone)),
  receivers: shop.receivers.map((receiver) => (receiver.zone === from ? { ...receiver, zone: to } : receiver)),
  cameras: shop.cameras.map((camera) => (camera.zone === from ? { ...camera, zone: to } : camera)),
})

export const changeReceiver = (shop: Shop, id: string, change: (receiver: Receiver) => Receiver): Shop => ({
  ...shop,
  receivers: shop.receivers.map((receiver) => (receiver.id === id ? change(receiver) : receiver)),
})

export const changeCamera = (shop: Shop, id: string, change: (camera: Camera) => Camera): Shop => ({
  ...shop,
  cameras: shop.cameras.map((camera) => (camera.id === id ? change(camera) : camera)),
})

export function without(shop: Shop, { kind, id }: Chosen): Shop {
  switch (kind) {
    case 'zone':
      return { ...shop, zones: shop.zones.filter((zone) => zone.id !== id) }
    case 'receiver':
      return { ...shop, receivers: shop.receivers.filter((receiver) => receiver.id !== id) }
    case 'camera':
      return { ...shop, cameras: shop.cameras.filter((camera) => camera.id !== id) }
  }
}

interface Floor {
  width_m: number
  depth_m: number
}

const clamp = (n: number, low: number, high: number) => Math.min(Math.max(n, low), Math.max(low, high))

/** A zone moved by so many metres, as far as the floor goes. */
export function moved(polygon: Point[], dx: number, dy: number, floor: Floor): Point[] {
  const { x, y, width, height } = box(polygon)
  const toX = snap(clamp(x + dx, 0, floor.width_m - width))
  const toY = snap(clamp(y + dy, 0, floor.depth_m - height))
  return polygon.map((point) => ({ x: snap(point.x + toX - x), y: snap(point.y + toY - y) }))
}

export type Corner = 0 | 1 | 2 | 3 // clockwise from the top left

/** A rectangle whose corner is drawn to a place; the opposite corner stays. */
export function stretched({ x, y, width, height }: Box, corner: Corner, to: Point, floor: Floor): Box {
  const left = corner === 0 || corner === 3
  const top = corner === 0 || corner === 1
  const fixedX = left ? x + width : x
  const fixedY = top ? y + height : y
  const newX = snap(left ? clamp(to.x, 0, fixedX - least) : clamp(to.x, fixedX + least, floor.width_m))
  const newY = snap(top ? clamp(to.y, 0, fixedY - least) : clamp(to.y, fixedY + least, floor.depth_m))
  return {
    x: Math.min(fixedX, newX),
    y: Math.min(fixedY, newY),
    width: snap(Math.abs(fixedX - newX)),
    height: snap(Math.abs(fixedY - newY)),
  }
}

export const within = ({ x, y }: Point, floor: Floor): Point => ({ x: snap(clamp(x, 0, floor.width_m)), y: snap(clamp(y, 0, floor.depth_m)) })

/** The zone that a point lies in; the smallest where several do. */
export function zoneAt(shop: Shop, floor: string, point: Point): Zone | undefined {
  return shop.zones
    .filter((zone) => zone.floor === floor && zone.polygon.length > 2)
    .map((zone) => ({ zone, around: box(zone.polygon) }))
    .filter(({ around: { x, y, width, height } }) => point.x >= x && point.x <= x + width && point.y >= y && point.y <= y + height)
    .toSorted((a, b) => a.around.width * a.around.height - b.around.width * b.around.height)[0]?.zone
}

/** A new zone where there is room, the first one an entrance at the front. */
export function withZone(shop: Shop, floorID: string): { shop: Shop; chosen: Chosen } {
  const floor = shop.floors.find(({ id }) => id === floorID)!
  const first = shop.zones.length === 0
  const name = first ? 'Entrance' : `Zone ${shop.zones.length + 1}`
  const id = idFrom(name, shop.zones.map((zone) => zone.id))
  const size = { width: snap(Math.min(4, floor.width_m / 3)), height: snap(Math.min(3, floor.depth_m / 3)) }
  const place = first ? { x: 0.5, y: snap(floor.depth_m - size.height - 0.5) } : roomFor(shop, floorID, size)
  const zone: Zone = {
    id,
    floor: floorID,
    name,
    kind: first ? 'entrance' : 'sales',
    polygon: corners({ ...place, ...size }),
    dwell_ns: 30e9,
  }
  return { shop: { ...shop, zones: [...shop.zones, zone] }, chosen: { kind: 'zone', id } }
}

/** The first place, row by row, where a rectangle overlaps no zone; else the middle. */
function roomFor(shop: Shop, floorID: string, { width, height }: { width: number; height: number }): Point {
  const floor = shop.floors.find(({ id }) => id === floorID)!
  const zones = shop.zones.filter((zone) => zone.floor === floorID).map((zone) => box(zone.polygon))
  for (let y = 0.5; y + height <= floor.depth_m; y += 0.5) {
    for (let x = 0.5; x + width <= floor.width_m; x += 0.5) {
      if (!zones.some((zone) => overlap(zone, { x, y, width, height }))) return { x, y }
    }
  }
  return { x: snap((floor.width_m - width) / 2), y: snap((floor.depth_m - height) / 2) }
}

const overlap = (a: Box, b: Box) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

/** A new receiver or camera, in the middle of the first zone that has none. */
export function withDevice(shop: Shop, kind: 'receiver' | 'camera', floorID: string): { shop: Shop; chosen: Chosen } {
  const devices: { zone: string }[] = kind === 'receiver' ? shop.receivers : shop.cameras
  const zones = shop.zones.filter((zone) => zone.floor === floorID && zone.polygon.length > 2)
  const zone = zones.find(({ id }) => !devices.some((device) => device.zone === id)) ?? zones[0]
  const floor = shop.floors.find(({ id }) => id === floorID)!
  const around = zone ? box(zone.polygon) : { x: 0, y: 0, width: floor.width_m, height: floor.depth_m }
  const name = zone ? `${kind}-${zone.id}` : kind
  const id = idFrom(name, [...shop.receivers, ...shop.cameras].map((device) => device.id))
  const place = { id, floor: floorID, zone: zone?.id ?? '' }
  if (kind === 'receiver') {
    const at = { x: snap(around.x + around.width / 2), y: snap(around.y + around.height / 2) }
    return { shop: { ...shop, receivers: [...shop.receivers, { ...place, at }] }, chosen: { kind, id } }
  }
  const camera: Camera = { ...place, at: { x: snap(around.x), y: snap(around.y) }, heading_deg: 45 }
  return { shop: { ...shop, cameras: [...shop.cameras, camera] }, chosen: { kind, id } }
}

export interface Mistake {
  of?: Chosen
  message: string
}

/** What is wrong with a plan, in words that say how to mend it. */
export function mistakesIn(shop: Shop): Mistake[] {
  const found: Mistake[] = []
  const zoneIDs = new Set(shop.zones.map(({ id }) => id))
  for (const floor of shop.floors) {
    if (!(floor.width_m >= 1 && floor.depth_m >= 1)) found.push({ message: `${floor.name}: give it a width and a depth of at least a metre` })
  }
  for (const zone of shop.zones) {
    const of: Chosen = { kind: 'zone', id: zone.id }
    const floor = shop.floors.find(({ id }) => id === zone.floor)
    if (!zone.name.trim()) found.push({ of, message: 'A zone needs a name' })
    if (shop.zones.some((other) => other !== zone && other.name.trim() === zone.name.trim() && other.floor === zone.floor)) found.push({ of, message: `${zone.name}: two zones have this name` })
    if (zone.polygon.length < 3) {
      found.push({ of, message: `${zone.name}: it has no shape` })
      continue
    }
    const { x, y, width, height } = box(zone.polygon)
    if (floor && (x < 0 || y < 0 || snap(x + width) > floor.width_m || snap(y + height) > floor.depth_m)) found.push({ of, message: `${zone.name}: it reaches beyond the floor` })
    if (width < least || height < least) found.push({ of, message: `${zone.name}: make it at least ${least} m wide and deep` })
    if (zone.dwell_ns < 0) found.push({ of, message: `${zone.name}: a stay cannot be shorter than nothing` })
    const crossed = shop.zones.find((other) => other.floor === zone.floor && other.id > zone.id && isBox(other.polygon) && isBox(zone.polygon) && overlap(box(other.polygon), box(zone.polygon)))
    if (crossed) found.push({ of, message: `${zone.name} and ${crossed.name} overlap: a person can be in one zone only` })
  }
  const devices: { kind: 'receiver' | 'camera'; id: string; zone: string }[] = [
    ...shop.receivers.map(({ id, zone }) => ({ kind: 'receiver' as const, id, zone })),
    ...shop.cameras.map(({ id, zone }) => ({ kind: 'camera' as const, id, zone })),
  ]
  for (const { kind, id, zone } of devices) {
    const of: Chosen = { kind, id }
    if (!/^[\w.:-]+$/.test(id)) found.push({ of, message: `${id || 'A device'}: letters, digits, dots and dashes only` })
    if (devices.filter((other) => other.id === id).length > 1) found.push({ of, message: `${id}: two devices have this name` })
    if (!zoneIDs.has(zone)) found.push({ of, message: `${id}: choose its zone` })
  }
  return found
}

/** A new shop with one empty floor. */
export function newShop(name: string, timeZone: string, currency: string, width: number, depth: number, taken: string[]): Shop {
  return {
    id: idFrom(name, taken),
    name: name.trim(),
    time_zone: timeZone,
    currency,
    quiet: { from_minute: 21 * 60, until_minute: 8 * 60 },
    floors: [{ id: 'ground', name: 'Ground floor', width_m: width, depth_m: depth }],
    zones: [],
    receivers: [],
    cameras: [],
  }
}
