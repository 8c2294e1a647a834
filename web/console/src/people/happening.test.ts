import type { Happening } from '@aisle/api'
import { describe, expect, test } from 'vitest'
import { byDay, kindOf, lineOf } from './happening'

const at = '2026-11-20T10:00:00Z'
const event = (more: Partial<NonNullable<Happening['event']>>): Happening => ({ at, event: { id: 'e', type: 'product_searched', shopper: 's', time: at, received: at, source: 'segment/website', ...more } })
const decision: Happening = { at, zone_name: 'Shoes', shop_name: 'Centraal', decision: { id: '0-1-0', shopper: 's', label: 'S', time: at, trigger: 'zone_dwelled', verdict: 'no_offer', candidates: 3, out: 'cap' } }
const message: Happening = {
  at,
  message: { id: '0-1-0/sms', decision: '0-1-0', shopper: 's', campaign: 'c', offer: 'o', title: '20% off', channel: 'sms', state: 'refused', refusal: 'quiet_hours', received: at, at },
}

describe('what a line of the timeline says', () => {
  const cases: [string, Happening, string, string[], string][] = [
    ['a search', event({ query: 'running shoes' }), 'Searched the web shop: “running shoes”', ['segment/website'], 'did'],
    ['a stay', { ...event({ type: 'zone_dwelled', dwell_ns: 102e9, source: 'beacons' }), zone_name: 'Shoes', shop_name: 'Centraal' }, 'Stayed in a zone', ['Shoes', 'Centraal', 'for 1 min 42 s', 'beacons'], 'did'],
    ['a yes', event({ type: 'consent_changed', consent: { purpose: 'sms', granted: true, at, source: 'app' } }), 'Agreed to: Text messages', ['app'], 'who'],
    ['a no', event({ type: 'consent_changed', consent: { purpose: 'face', granted: false, at, source: 'sms STOP' } }), 'Refused: Recognition by camera', ['sms STOP'], 'who'],
    ['a face', event({ type: 'recognised', confidence: 0.93, source: 'cam-door' }), 'Recognised at a camera', ['93% sure', 'cam-door'], 'who'],
    ['what was told late', event({ type: 'page_viewed', time: '2026-11-01T09:00:00Z' }), 'Looked at a page', ['happened long ago', 'segment/website'], 'did'],
    ['a merge', event({ type: 'merged', source: 'console/identity' }), 'Turned out to be somebody known already', ['console/identity'], 'who'],
    ['no offer', decision, 'No offer', ['Shoes', 'Centraal', 'Stayed in a zone', '3 offers looked at', 'Had it often enough'], 'decisions'],
    ['a refusal', message, 'SMS: 20% off', ['It is the quiet hours of the shop.'], 'messages'],
  ]
  test.each(cases)('%s', (_, happening, title, more, kind) => {
    const line = lineOf(happening, () => 'long ago')
    expect([line.title, line.more, kindOf(happening)]).toEqual([title, more, kind])
  })
  test('a decision and its message lead to why', () => {
    expect([decision, message].map((happening) => lineOf(happening, String).decision)).toEqual(['0-1-0', '0-1-0'])
  })
})

test('days are those of whoever looks, and none begins twice', () => {
  const when = ['2026-11-20T10:00', '2026-11-20T08:00', '2026-11-19T23:00'].map((at) => ({ ...decision, at }))
  expect(byDay(when, (at) => at.slice(0, 10)).map(({ day, happenings }) => `${day} ${happenings.length}`)).toEqual(['2026-11-20 2', '2026-11-19 1'])
  expect(byDay([], String)).toEqual([])
})
