import type { Shop } from '@aisle/api'
import { box, corners } from '@aisle/ui'
import { describe, expect, test } from 'vitest'
import { floorOfThing, idFrom, mistakesIn, moved, movedSpot, newShop, renameZone, reshaped, shapesOn, stretched, thingAt, warningsIn, withDevice, withFixture, withSpot, withWalls, withZone, without, zoneAt, type Chosen, type Corner } from './plan'

const floor = { width_m: 20, depth_m: 10 }
const empty = newShop('Rotterdam', 'Europe/Amsterdam', 'EUR', 20, 10, [])
const rectangle = (x: number, y: number, width: number, height: number) => corners({ x, y, width, height })
const shop: Shop = {
  ...empty,
  zones: [
    { id: 'a', floor: 'ground', name: 'A', kind: 'sales', polygon: rectangle(1, 1, 4, 3), dwell_ns: 30e9 },
    { id: 'b', floor: 'ground', name: 'B', kind: 'sales', polygon: rectangle(6, 1, 4, 3), dwell_ns: 30e9 },
  ],
  receivers: [{ id: 'r1', floor: 'ground', zone: 'a', at: { x: 2, y: 2 } }],
}

test.each([
  ['Coffee & tea', [], 'coffee-tea'],
  ['Café', ['cafe'], 'cafe-2'],
  ['  ', [], 'unnamed'],
  ['靴', ['unnamed', 'unnamed-2'], 'unnamed-3'],
])('%s is called by an id', (name, taken, want) => expect(idFrom(name, taken)).toBe(want))

test('a shop whose name has other letters has an id, too', () => {
  expect(newShop('دبي مول', 'Asia/Dubai', 'AED', 20, 10, ['shop']).id).toBe('shop-2')
})

describe('moving', () => {
  test.each([
    { name: 'by metres', dx: 1.04, dy: 0.46, want: { x: 2, y: 1.5, width: 4, height: 3 } },
    { name: 'as far as the floor goes', dx: 100, dy: -100, want: { x: 16, y: 0, width: 4, height: 3 } },
  ])('$name', ({ dx, dy, want }) => expect(box(moved(rectangle(1, 1, 4, 3), dx, dy, floor))).toEqual(want))
})

describe('stretching by a corner', () => {
  const start = { x: 2, y: 2, width: 4, height: 3 }
  test.each<{ name: string; corner: Corner; to: { x: number; y: number }; want: typeof start }>([
    { name: 'top left', corner: 0, to: { x: 1, y: 1 }, want: { x: 1, y: 1, width: 5, height: 4 } },
    { name: 'bottom right', corner: 2, to: { x: 8, y: 9 }, want: { x: 2, y: 2, width: 6, height: 7 } },
    { name: 'not smaller than half a metre', corner: 1, to: { x: -5, y: 50 }, want: { x: 2, y: 4.5, width: 0.5, height: 0.5 } },
    { name: 'not beyond the floor', corner: 3, to: { x: -5, y: 50 }, want: { x: 0, y: 2, width: 6, height: 8 } },
  ])('$name', ({ corner, to, want }) => expect(stretched(start, corner, to, floor)).toEqual(want))
})

test('a point lies in the smallest zone around it', () => {
  const inner = { ...shop.zones[0]!, id: 'inner', polygon: rectangle(1.5, 1.5, 1, 1) }
  expect(zoneAt({ ...shop, zones: [...shop.zones, inner] }, 'ground', { x: 2, y: 2 })?.id).toBe('inner')
  expect(zoneAt(shop, 'ground', { x: 19, y: 9 })).toBeUndefined()
})

test('the first zone is an entrance at the front, the next find room', () => {
  const one = withZone(empty, 'ground')
  expect(one.shop.zones[0]).toMatchObject({ id: 'entrance', kind: 'entrance' })
  const two = withZone(one.shop, 'ground')
  const three = withZone(two.shop, 'ground')
  expect(mistakesIn(three.shop)).toEqual([])
  expect(three.chosen).toEqual({ kind: 'zone', id: 'zone-3' })
})

test('a new device stands in a zone that has none', () => {
  expect(withDevice(shop, 'receiver', 'ground').shop.receivers[1]).toMatchObject({ id: 'receiver-b', zone: 'b', at: { x: 8, y: 2.5 } })
  expect(withDevice(empty, 'camera', 'ground').shop.cameras[0]).toMatchObject({ id: 'camera', zone: '' })
})

test('another id is another id everywhere', () => {
  expect(renameZone(shop, 'a', 'shoes')).toMatchObject({ zones: [{ id: 'shoes' }, { id: 'b' }], receivers: [{ zone: 'shoes' }] })
})

test('a point lies in an angle, not in its box', () => {
  const angle = { ...shop.zones[0]!, id: 'angle', polygon: [{ x: 0, y: 0 }, { x: 4, y: 0 }, { x: 4, y: 2 }, { x: 2, y: 2 }, { x: 2, y: 4 }, { x: 0, y: 4 }] }
  expect(zoneAt({ ...shop, zones: [angle] }, 'ground', { x: 3, y: 3 })).toBeUndefined()
})

test('what is drawn becomes a zone', () => {
  const drawn = [{ x: 12, y: 1 }, { x: 16, y: 1 }, { x: 12, y: 5 }]
  const { shop: now, chosen } = withZone(shop, 'ground', drawn)
  expect(now.zones[2]).toMatchObject({ id: chosen.id, name: 'Zone 3', polygon: drawn })
})

test('entrances and canary tags are added, moved on their floor, and removed', () => {
  const door = withSpot(shop, 'entrance', 'ground')
  expect(door.shop.entrances).toEqual([{ id: 'door', floor: 'ground', at: { x: 10, y: 10 } }])
  const tag = withSpot(door.shop, 'canary', 'ground')
  expect(tag.shop.canaries).toEqual([{ tag: 'tag', floor: 'ground', at: { x: 3, y: 2.5 } }])
  expect(withSpot(tag.shop, 'canary', 'ground').shop.canaries![1]).toEqual({ tag: 'tag-2', floor: 'ground', at: { x: 8, y: 2.5 } })
  expect(movedSpot(door.shop, { kind: 'entrance', id: 'door' }, { x: 99, y: 5 }).entrances![0]!.at).toEqual({ x: 20, y: 5 })
  expect(movedSpot(shop, { kind: 'receiver', id: 'r1' }, { x: 7, y: 2 }).receivers[0]).toMatchObject({ zone: 'b', at: { x: 7, y: 2 } })
  expect(without(tag.shop, { kind: 'canary', id: 'tag' }).canaries).toEqual([])
})

test.each<[string, Chosen | undefined]>([
  ['zones.1.polygon', { kind: 'zone', id: 'b' }],
  ['receivers.0.at', { kind: 'receiver', id: 'r1' }],
  ['floors.0.width_m', { kind: 'floor', id: 'ground' }],
  ['canaries.0.at', undefined],
  ['name', undefined],
])('%s is about a thing', (path, want) => expect(thingAt(shop, path)).toEqual(want))

test.each<Chosen>([
  { kind: 'zone', id: 'b' },
  { kind: 'receiver', id: 'r1' },
  { kind: 'floor', id: 'ground' },
])('$kind $id is on the ground floor', (thing) => expect(floorOfThing(shop, thing)).toBe('ground'))

test('a receiver that was moved forgets what it heard', () => {
  const survey = [{ floor: 'ground', heard: [{ receiver: 'r1' }] }]
  expect(warningsIn(shop, shop, survey)).toEqual([])
  expect(warningsIn(movedSpot(shop, { kind: 'receiver', id: 'r1' }, { x: 2.5, y: 2 }), shop, survey)).toEqual([])
  expect(warningsIn(movedSpot(shop, { kind: 'receiver', id: 'r1' }, { x: 4, y: 2 }), shop, survey)[0]!.message).toBe('r1 was moved: what it heard at 1 surveyed point is forgotten, so survey again around it')
  expect(warningsIn({ ...shop, receivers: [] }, shop, survey)[0]!.message).toContain('r1 is gone')
})

describe('mistakes', () => {
  const zone = shop.zones[0]!
  test.each<{ name: string; shop: Shop; want: string[] }>([
    { name: 'none', shop, want: [] },
    { name: 'no name', shop: { ...shop, zones: [{ ...zone, name: ' ' }] }, want: ['A zone needs a name'] },
    { name: 'beyond the floor', shop: { ...shop, zones: [{ ...zone, polygon: rectangle(18, 1, 4, 3) }] }, want: ['A: it reaches beyond the floor; move its corners in, or make the floor larger'] },
    { name: 'overlap', shop: { ...shop, zones: [zone, { ...shop.zones[1]!, polygon: rectangle(4, 1, 4, 3) }] }, want: ['A and B overlap; a person can be in one zone only, so move or reshape one'] },
    { name: 'a shared wall', shop: { ...shop, zones: [zone, { ...shop.zones[1]!, polygon: rectangle(5, 1, 4, 3) }] }, want: [] },
    { name: 'a bow tie', shop: { ...shop, zones: [{ ...zone, polygon: [{ x: 0, y: 0 }, { x: 4, y: 4 }, { x: 4, y: 0 }, { x: 0, y: 4 }] }] }, want: ['A: its walls cross one another; move a corner so that they do not'] },
    { name: 'a line', shop: { ...shop, zones: [{ ...zone, polygon: [{ x: 0, y: 0 }, { x: 4, y: 4 }, { x: 2, y: 2 }] }] }, want: ['A: it has no area to stand on; pull its corners apart'] },
    { name: 'a receiver outside', shop: { ...shop, receivers: [{ ...shop.receivers[0]!, at: { x: 21, y: 2 } }] }, want: ['r1: it stands outside of the floor; move it in, or make the floor larger'] },
    { name: 'a zone without its floor', shop: { ...shop, receivers: [], zones: [{ ...zone, floor: 'roof' }] }, want: ['A: its floor is gone; choose another'] },
    { name: 'stairs to where they are', shop: { ...shop, entrances: [{ id: 'e', floor: 'ground', at: { x: 1, y: 1 }, leads: 'ground' }] }, want: ['e: it leads to its own floor; choose another, or the street'] },
    { name: 'two canaries of one tag', shop: { ...shop, canaries: [{ tag: 't', floor: 'ground', at: { x: 1, y: 1 } }, { tag: 't', floor: 'ground', at: { x: 2, y: 1 } }] }, want: ['t: two canaries have this tag', 't: two canaries have this tag'] },
    { name: 'stays that never count are fine', shop: { ...shop, zones: [{ ...zone, dwell_ns: 0 }] }, want: [] },
    { name: 'a receiver of a zone that is gone', shop: without(shop, { kind: 'zone', id: 'a' }), want: ['r1: choose its zone'] },
    { name: 'two of one name', shop: { ...shop, cameras: [{ id: 'r1', floor: 'ground', zone: 'b', at: { x: 7, y: 2 }, heading_deg: 0 }] }, want: ['r1: two devices have this name', 'r1: two devices have this name'] },
  ])('$name', ({ shop, want }) => expect(mistakesIn(shop).map(({ message }) => message)).toEqual(want))
})

describe('walls and fixtures', () => {
  const walls = [{ x: 0, y: 0 }, { x: 20, y: 0 }, { x: 20, y: 10 }, { x: 8, y: 10 }, { x: 8, y: 6 }, { x: 0, y: 6 }]
  const walled = withWalls(shop, 'ground', walls)
  const shelved = withFixture(walled.shop, 'ground')

  test('are drawn, and lie under the zones and over them', () => {
    expect(walled.chosen).toEqual({ kind: 'walls', id: 'ground' })
    expect(shelved.chosen).toEqual({ kind: 'fixture', id: '0' })
    expect(shapesOn(shelved.shop, shelved.shop.floors[0]!).map(({ kind, id }) => `${kind} ${id}`)).toEqual(['walls ground', 'zone a', 'zone b', 'fixture 0'])
    expect(mistakesIn(shelved.shop)).toEqual([])
  })
  test('a fixture is the rectangle around what was drawn', () =>
    expect(withFixture(shop, 'ground', [{ x: 11, y: 2 }, { x: 13, y: 2.4 }, { x: 12, y: 3 }]).shop.fixtures).toEqual([{ floor: 'ground', kind: 'shelf', at: { x: 11, y: 2 }, width_m: 2, depth_m: 1 }]))
  test('get other corners', () => {
    const other = reshaped(shelved.shop, { kind: 'fixture', id: '0' }, rectangle(12, 7, 3, 1))
    expect(other.fixtures?.[0]).toMatchObject({ at: { x: 12, y: 7 }, width_m: 3, depth_m: 1, kind: 'shelf' })
    expect(reshaped(other, { kind: 'walls', id: 'ground' }, rectangle(0, 0, 20, 10)).floors[0]?.outline).toEqual(rectangle(0, 0, 20, 10))
  })
  test('go', () => {
    const bare = without(without(shelved.shop, shelved.chosen), walled.chosen)
    expect(bare.fixtures).toEqual([])
    expect(bare.floors[0]).toEqual(shop.floors[0])
  })
  test.each<{ name: string; wrong: Shop; of: Chosen; says: RegExp }>([
    { name: 'walls that cross', wrong: withWalls(shop, 'ground', [{ x: 0, y: 0 }, { x: 9, y: 9 }, { x: 9, y: 0 }, { x: 0, y: 9 }]).shop, of: walled.chosen, says: /cross one another/ },
    { name: 'walls beyond the floor', wrong: withWalls(shop, 'ground', rectangle(0, 0, 25, 10)).shop, of: walled.chosen, says: /beyond the floor/ },
    { name: 'a fixture in the street', wrong: reshaped(shelved.shop, { kind: 'fixture', id: '0' }, rectangle(19, 9, 3, 1)), of: shelved.chosen, says: /outside of the floor/ },
  ])('$name', ({ wrong, of, says }) => expect(mistakesIn(wrong)).toEqual([{ of, message: expect.stringMatching(says) }]))
  test.each([
    ['floors.0.outline', walled.chosen],
    ['floors.0.name', { kind: 'floor', id: 'ground' }],
    ['fixtures.0.at', shelved.chosen],
    ['fixtures.7.at', undefined],
  ])('%s is what the server says of', (path, want) => expect(thingAt(shelved.shop, path)).toEqual(want))
})
