import { area, box, corners, locale, type Box } from '@aisle/ui'
import type { Camera, Canary, Entrance, Fixture, Floor, Point, Receiver, Shop, Zone } from '@aisle/api'
import { centre, distance, isInside, isSimple, shared } from './polygon'
import { t } from './words'

/** Changing a shop's plan: plain functions from one shop to the next. */

/** What has corners. */
export type Shape = 'zone' | 'walls' | 'fixture'
/** What stands at one point. */
export type Spot = 'receiver' | 'camera' | 'entrance' | 'canary'
export type Kind = Shape | Spot | 'floor'
export interface Chosen {
  kind: Kind
  /** Of a canary, its tag; of walls, their floor's; of a fixture, which has no name, its place in the list. */
  id: string
}

export const grid = 0.1 // metres
export const least = 0.5 // metres, of a zone's sides
export const snap = (n: number) => Math.round(Math.round(n / grid) * grid * 100) / 100

const metres = new Intl.NumberFormat(locale, { maximumFractionDigits: 2, useGrouping: false })
/** Metres as people write them: 0.5, 2, 12.25 */
export const written = (n: number) => metres.format(n)
/** A place on a floor, the same in all languages. */
export const place = ({ x, y }: Point) => `${x}, ${y}`

/** An id from a name: "Coffee & tea" is `coffee-tea`, and another of that name `coffee-tea-2`; a name of other letters has none. */
export function idFrom(name: string, taken: string[], none = 'unnamed'): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
  const base = plain || none
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

export const changeEntrance = (shop: Shop, id: string, change: (entrance: Entrance) => Entrance): Shop => ({
  ...shop,
  entrances: (shop.entrances ?? []).map((entrance) => (entrance.id === id ? change(entrance) : entrance)),
})

export const changeCanary = (shop: Shop, tag: string, change: (canary: Canary) => Canary): Shop => ({
  ...shop,
  canaries: (shop.canaries ?? []).map((canary) => (canary.tag === tag ? change(canary) : canary)),
})

export const changeFixture = (shop: Shop, id: string, change: (fixture: Fixture) => Fixture): Shop => ({
  ...shop,
  fixtures: (shop.fixtures ?? []).map((fixture, i) => (i === Number(id) ? change(fixture) : fixture)),
})

export function without(shop: Shop, { kind, id }: Chosen): Shop {
  switch (kind) {
    case 'walls':
      return { ...shop, floors: shop.floors.map(({ outline, ...floor }) => (floor.id !== id && outline ? { ...floor, outline } : floor)) }
    case 'fixture':
      return { ...shop, fixtures: (shop.fixtures ?? []).filter((_, i) => i !== Number(id)) }
    case 'zone':
      return { ...shop, zones: shop.zones.filter((zone) => zone.id !== id) }
    case 'receiver':
      return { ...shop, receivers: shop.receivers.filter((receiver) => receiver.id !== id) }
    case 'camera':
      return { ...shop, cameras: shop.cameras.filter((camera) => camera.id !== id) }
    case 'entrance':
      return { ...shop, entrances: (shop.entrances ?? []).filter((entrance) => entrance.id !== id) }
    case 'canary':
      return { ...shop, canaries: (shop.canaries ?? []).filter((canary) => canary.tag !== id) }
    case 'floor':
      return shop // with a warning, by withoutFloor
  }
}

/** What has corners on a floor, what is under the others first. */
export const shapesOn = (shop: Shop, { id: floor, name, outline }: Floor): { kind: Shape; id: string; name: string; polygon: Point[] }[] => [
  ...(outline?.length ? [{ kind: 'walls' as const, id: floor, name: t.named.walls(name), polygon: outline }] : []),
  ...shop.zones.filter((it) => it.floor === floor && it.polygon.length > 1).map(({ id, name, polygon }) => ({ kind: 'zone' as const, id, name: t.named.zone(name), polygon })),
  ...(shop.fixtures ?? []).flatMap((it, i) => (it.floor === floor ? [{ kind: 'fixture' as const, id: String(i), name: fixtureName(it), polygon: corners({ ...it.at, width: it.width_m, height: it.depth_m }) }] : [])),
]

export const fixtureName = ({ kind }: Fixture) => t.fixtures[kind ?? ''] ?? t.kinds.fixture

/** A zone, walls or a fixture with other corners; a fixture is the rectangle around them. */
export function reshaped(shop: Shop, { kind, id }: { kind: Shape; id: string }, polygon: Point[]): Shop {
  switch (kind) {
    case 'zone':
      return changeZone(shop, id, (zone) => ({ ...zone, polygon }))
    case 'walls':
      return { ...shop, floors: shop.floors.map((floor) => (floor.id === id ? { ...floor, outline: polygon } : floor)) }
    case 'fixture': {
      const { x, y, width, height } = box(polygon)
      return changeFixture(shop, id, (fixture) => ({ ...fixture, at: { x, y }, width_m: width, depth_m: height }))
    }
  }
}

/** Where the things of a floor are that stand at one point. */
export const spotsOn = (shop: Shop, floor: string): { kind: Spot; id: string; at: Point; name: string }[] => [
  ...shop.receivers.filter((it) => it.floor === floor).map(({ id, at }) => ({ kind: 'receiver' as const, id, at, name: t.named.receiver(id) })),
  ...shop.cameras.filter((it) => it.floor === floor).map(({ id, at }) => ({ kind: 'camera' as const, id, at, name: t.named.camera(id) })),
  ...(shop.entrances ?? []).filter((it) => it.floor === floor).map(({ id, at, leads }) => ({ kind: 'entrance' as const, id, at, name: leads ? t.named.way(shop.floors.find((it) => it.id === leads)?.name ?? leads, id) : t.named.door(id) })),
  ...(shop.canaries ?? []).filter((it) => it.floor === floor).map(({ tag, at }) => ({ kind: 'canary' as const, id: tag, at, name: t.named.canary(tag) })),
]

/** Whether anything is on a floor, be it a picture. */
export const isDrawn = (shop: Shop, floor: Floor) => floor.image !== undefined || shapesOn(shop, floor).length > 0 || spotsOn(shop, floor.id).length > 0

/** A thing put somewhere on its floor; receivers and cameras are of the zone that they come to stand in. */
export function movedSpot(shop: Shop, { kind, id }: { kind: Spot; id: string }, to: Point): Shop {
  const onto = (floorID: string) => {
    const floor = shop.floors.find((floor) => floor.id === floorID)
    return floor ? within(to, floor) : to
  }
  const device = <T extends { floor: string; zone: string; at: Point }>(it: T): T => {
    const at = onto(it.floor)
    return { ...it, at, zone: zoneAt(shop, it.floor, at)?.id ?? it.zone }
  }
  switch (kind) {
    case 'receiver':
      return changeReceiver(shop, id, device)
    case 'camera':
      return changeCamera(shop, id, device)
    case 'entrance':
      return changeEntrance(shop, id, (it) => ({ ...it, at: onto(it.floor) }))
    case 'canary':
      return changeCanary(shop, id, (it) => ({ ...it, at: onto(it.floor) }))
  }
}

type Size = Pick<Floor, 'width_m' | 'depth_m'>

const clamp = (n: number, low: number, high: number) => Math.min(Math.max(n, low), Math.max(low, high))

/** A zone moved by so many metres, as far as the floor goes. */
export function moved(polygon: Point[], dx: number, dy: number, floor: Size): Point[] {
  const { x, y, width, height } = box(polygon)
  const toX = snap(clamp(x + dx, 0, floor.width_m - width))
  const toY = snap(clamp(y + dy, 0, floor.depth_m - height))
  return polygon.map((point) => ({ x: snap(point.x + toX - x), y: snap(point.y + toY - y) }))
}

export type Corner = 0 | 1 | 2 | 3 // clockwise from the top left

/** A rectangle whose corner is drawn to a place; the opposite corner stays, and no side gets shorter than so many metres. */
export function stretched({ x, y, width, height }: Box, corner: Corner, to: Point, floor: Size, shortest = least): Box {
  const left = corner === 0 || corner === 3
  const top = corner === 0 || corner === 1
  const fixedX = left ? x + width : x
  const fixedY = top ? y + height : y
  const newX = snap(left ? clamp(to.x, 0, fixedX - shortest) : clamp(to.x, fixedX + shortest, floor.width_m))
  const newY = snap(top ? clamp(to.y, 0, fixedY - shortest) : clamp(to.y, fixedY + shortest, floor.depth_m))
  return {
    x: Math.min(fixedX, newX),
    y: Math.min(fixedY, newY),
    width: snap(Math.abs(fixedX - newX)),
    height: snap(Math.abs(fixedY - newY)),
  }
}

export const within = ({ x, y }: Point, floor: Size): Point => ({ x: snap(clamp(x, 0, floor.width_m)), y: snap(clamp(y, 0, floor.depth_m)) })

/** The zone that a point lies in; the smallest where several do. */
export function zoneAt(shop: Shop, floor: string, point: Point): Zone | undefined {
  return shop.zones
    .filter((zone) => zone.floor === floor && zone.polygon.length > 2)
    .filter(({ polygon }) => isInside(polygon, point))
    .toSorted((a, b) => area(a.polygon) - area(b.polygon))[0]
}

/** A new zone as it was drawn, or a rectangle where there is room; the first one is an entrance at the front. */
export function withZone(shop: Shop, floorID: string, drawn?: Point[]): { shop: Shop; chosen: Chosen } {
  const floor = shop.floors.find(({ id }) => id === floorID)!
  const first = shop.zones.length === 0
  const number = shop.zones.length + 1
  const id = idFrom(first ? 'entrance' : `zone-${number}`, shop.zones.map((zone) => zone.id))
  const size = { width: snap(Math.min(4, floor.width_m / 3)), height: snap(Math.min(3, floor.depth_m / 3)) }
  const place = first ? { x: 0.5, y: snap(floor.depth_m - size.height - 0.5) } : roomFor(shop, floorID, size)
  const zone: Zone = {
    id,
    floor: floorID,
    name: first ? t.fresh.entrance : t.fresh.zone(number),
    kind: first ? 'entrance' : 'sales',
    polygon: drawn ?? corners({ ...place, ...size }),
    dwell_ns: 30e9,
  }
  return { shop: { ...shop, zones: [...shop.zones, zone] }, chosen: { kind: 'zone', id } }
}

/** The walls of a floor as they were drawn. */
export const withWalls = (shop: Shop, floor: string, drawn: Point[]): { shop: Shop; chosen: Chosen } => ({ shop: reshaped(shop, { kind: 'walls', id: floor }, drawn), chosen: { kind: 'walls', id: floor } })

/** A new fixture: the rectangle around what was drawn, or a shelf where there is room. */
export function withFixture(shop: Shop, floorID: string, drawn?: Point[]): { shop: Shop; chosen: Chosen } {
  const size = { width: 2, height: 0.6 }
  const { x, y, width, height } = drawn ? box(drawn) : { ...roomFor(shop, floorID, size), ...size }
  const others = shop.fixtures ?? []
  return {
    shop: { ...shop, fixtures: [...others, { floor: floorID, kind: 'shelf', at: { x, y }, width_m: width, depth_m: height }] },
    chosen: { kind: 'fixture', id: String(others.length) },
  }
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

/** A new entrance in the middle of the front, or canary tag in the middle of the first zone that has none. */
export function withSpot(shop: Shop, kind: Spot, floorID: string): { shop: Shop; chosen: Chosen } {
  if (kind === 'receiver' || kind === 'camera') return withDevice(shop, kind, floorID)
  const floor = shop.floors.find(({ id }) => id === floorID)!
  if (kind === 'entrance') {
    const others = shop.entrances ?? []
    const id = idFrom(others.length === 0 ? 'Door' : 'Entrance', others.map((entrance) => entrance.id))
    const at = { x: snap(floor.width_m / 2), y: snap(floor.depth_m) }
    return { shop: { ...shop, entrances: [...others, { id, floor: floorID, at }] }, chosen: { kind, id } }
  }
  const others = shop.canaries ?? []
  const zone = shop.zones.find((zone) => zone.floor === floorID && zone.polygon.length > 2 && !others.some((other) => other.floor === floorID && isInside(zone.polygon, other.at)))
  const tag = idFrom('Tag', others.map((canary) => canary.tag))
  const at = within(zone ? centre(zone.polygon) : { x: floor.width_m / 2, y: floor.depth_m / 2 }, floor)
  return { shop: { ...shop, canaries: [...others, { tag, floor: floorID, at }] }, chosen: { kind, id: tag } }
}

export interface Mistake {
  of?: Chosen
  /** The other one, where it takes two. */
  and?: Chosen
  message: string
}

const leastArea = 0.25 // square metres
const leastShared = 0.05 // less is how people draw a wall between two zones
const slack = 0.01

/** What is wrong with a plan, in words that say how to mend it. The server has the same against it. */
export function mistakesIn(shop: Shop): Mistake[] {
  const found: Mistake[] = []
  const floorOf = (id: string) => shop.floors.find((floor) => floor.id === id)
  const isOn = (floor: Size, { x, y }: Point) => x >= -slack && y >= -slack && x <= floor.width_m + slack && y <= floor.depth_m + slack
  if (shop.floors.length === 0) found.push({ message: t.mistakes.noFloor })
  for (const floor of shop.floors) {
    const of: Chosen = { kind: 'floor', id: floor.id }
    if (!floor.name.trim()) found.push({ of, message: t.mistakes.floorName })
    if (!(floor.width_m >= 1 && floor.depth_m >= 1)) found.push({ of, message: t.mistakes.of(floor.name, t.mistakes.floorSize) })
    const { outline } = floor
    if (!outline?.length) continue
    const say = (message: string) => found.push({ of: { kind: 'walls', id: floor.id }, message: t.mistakes.of(t.named.walls(floor.name), message) })
    if (outline.length < 3) say(t.mistakes.wallsFew)
    else if (!isSimple(outline)) say(t.mistakes.wallsCross)
    else if (area(outline) < leastArea) say(t.mistakes.wallsFlat)
    else if (!outline.every((corner) => isOn(floor, corner))) say(t.mistakes.wallsBeyond)
  }
  shop.fixtures?.forEach((fixture, i) => {
    const of: Chosen = { kind: 'fixture', id: String(i) }
    const floor = floorOf(fixture.floor)
    const { at, width_m, depth_m } = fixture
    const say = (message: string) => found.push({ of, message: t.mistakes.of(fixtureName(fixture), message) })
    if (!floor) say(t.mistakes.floorGone)
    else if (!(width_m > 0 && depth_m > 0)) say(t.mistakes.noSize)
    else if (![at, { x: at.x + width_m, y: at.y + depth_m }].every((corner) => isOn(floor, corner))) say(t.mistakes.outside)
  })
  shop.zones.forEach((zone, i) => {
    const of: Chosen = { kind: 'zone', id: zone.id }
    const floor = floorOf(zone.floor)
    const say = (message: string) => found.push({ of, message: t.mistakes.of(zone.name.trim() || t.mistakes.aZone, message) })
    if (!zone.name.trim()) found.push({ of, message: t.mistakes.zoneName })
    if (shop.zones.some((other) => other !== zone && other.name.trim() === zone.name.trim() && other.floor === zone.floor)) say(t.mistakes.zoneTwice)
    if (!floor) say(t.mistakes.floorGone)
    if (zone.dwell_ns < 0) say(t.mistakes.stay)
    if (zone.polygon.length < 3) return say(t.mistakes.zoneFew)
    if (!isSimple(zone.polygon)) return say(t.mistakes.zoneCross)
    if (area(zone.polygon) < leastArea) return say(t.mistakes.zoneFlat)
    if (floor && !zone.polygon.every((corner) => isOn(floor, corner))) say(t.mistakes.zoneBeyond)
    const crossed = shop.zones.slice(i + 1).find((other) => other.floor === zone.floor && other.polygon.length > 2 && shared(zone.polygon, other.polygon) > leastShared)
    if (crossed) found.push({ of, and: { kind: 'zone', id: crossed.id }, message: t.mistakes.overlap(zone.name, crossed.name) })
    return undefined
  })
  const zoneIDs = new Set(shop.zones.map(({ id }) => id))
  const spots: { kind: Spot; id: string; floor: string; at: Point; zone?: string }[] = [
    ...shop.receivers.map((it) => ({ ...it, kind: 'receiver' as const })),
    ...shop.cameras.map((it) => ({ ...it, kind: 'camera' as const })),
    ...(shop.entrances ?? []).map(({ id, floor, at }) => ({ kind: 'entrance' as const, id, floor, at })),
    ...(shop.canaries ?? []).map(({ tag, floor, at }) => ({ kind: 'canary' as const, id: tag, floor, at })),
  ]
  for (const { kind, id, floor: floorID, at, zone } of spots) {
    const of: Chosen = { kind, id }
    const floor = floorOf(floorID)
    const named = kind === 'receiver' || kind === 'camera' ? ['receiver', 'camera'] : [kind]
    const say = (message: string) => found.push({ of, message: t.mistakes.of(id || t.kinds[kind], message) })
    if (!id.trim()) say(t.mistakes.noName)
    else if (kind !== 'canary' && !/^[\w.:-]+$/.test(id)) say(t.mistakes.letters)
    if (id && spots.some((other) => other.id === id && named.includes(other.kind) && other.at !== at)) say(kind === 'canary' ? t.mistakes.canaryTwice : named.length > 1 ? t.mistakes.deviceTwice : t.mistakes.entranceTwice)
    if (!floor) say(t.mistakes.floorGone)
    else if (!isOn(floor, at)) say(t.mistakes.outside)
    if (zone !== undefined && !zoneIDs.has(zone)) say(t.mistakes.noZone)
  }
  for (const { id, floor, leads } of shop.entrances ?? []) {
    const of: Chosen = { kind: 'entrance', id }
    if (leads && !floorOf(leads)) found.push({ of, message: t.mistakes.of(id, t.mistakes.leadsGone) })
    if (leads && leads === floor) found.push({ of, message: t.mistakes.of(id, t.mistakes.leadsHere) })
  }
  return found
}

const moves = 1 // metres; the server forgets what a receiver heard that was moved farther

/** What keeping a plan does that one may not think of. */
export function warningsIn(shop: Shop, saved: Shop, heard: { floor: string; heard: { receiver: string }[] }[]): Mistake[] {
  const warnings: Mistake[] = []
  const points = (receiver: string) => heard.filter((point) => point.heard.some((it) => it.receiver === receiver)).length
  for (const was of saved.receivers) {
    const now = shop.receivers.find(({ id }) => id === was.id)
    const n = points(was.id)
    if (n === 0 || (now && now.floor === was.floor && distance(now.at, was.at) <= moves)) continue
    warnings.push({ ...(now && { of: { kind: 'receiver' as const, id: was.id } }), message: (now ? t.mistakes.moved : t.mistakes.gone)(was.id, n) })
  }
  return warnings
}

/** What a path of the server's is about: `zones.3.polygon` is the fourth zone. */
export function thingAt(shop: Shop, path: string): Chosen | undefined {
  const [list, index, part] = path.split('.')
  const i = Number(index)
  const named = (kind: Kind, of: { id: string }[] | undefined): Chosen | undefined => (of?.[i] ? { kind, id: of[i].id } : undefined)
  switch (list) {
    case 'zones':
      return named('zone', shop.zones)
    case 'receivers':
      return named('receiver', shop.receivers)
    case 'cameras':
      return named('camera', shop.cameras)
    case 'entrances':
      return named('entrance', shop.entrances)
    case 'floors':
      return part === 'outline' && shop.floors[i] ? { kind: 'walls', id: shop.floors[i].id } : named('floor', shop.floors)
    case 'fixtures':
      return shop.fixtures?.[i] && { kind: 'fixture', id: String(i) }
    case 'canaries':
      return shop.canaries?.[i] && { kind: 'canary', id: shop.canaries[i].tag }
    default:
      return undefined
  }
}

/** The floor that a thing is on. */
export function floorOfThing(shop: Shop, { kind, id }: Chosen): string | undefined {
  switch (kind) {
    case 'floor':
    case 'walls':
      return id
    case 'fixture':
      return shop.fixtures?.[Number(id)]?.floor
    case 'zone':
      return shop.zones.find((it) => it.id === id)?.floor
    case 'canary':
      return shop.canaries?.find((it) => it.tag === id)?.floor
    case 'receiver':
      return shop.receivers.find((it) => it.id === id)?.floor
    case 'camera':
      return shop.cameras.find((it) => it.id === id)?.floor
    case 'entrance':
      return shop.entrances?.find((it) => it.id === id)?.floor
  }
}

/** A new shop with one empty floor. */
export function newShop(name: string, timeZone: string, currency: string, width: number, depth: number, taken: string[]): Shop {
  return {
    id: idFrom(name, taken, 'shop'),
    name: name.trim(),
    time_zone: timeZone,
    currency,
    quiet: { from_minute: 21 * 60, until_minute: 8 * 60 },
    floors: [{ id: 'ground', name: t.fresh.floors[0]!, width_m: width, depth_m: depth }],
    zones: [],
    receivers: [],
    cameras: [],
  }
}
