import { describe, expect, test } from 'vitest'
import type { Offer } from '../api'
import { clock } from '../words'
import { place, ranked, spelled, stateOf, timeLeft, withOffer, withRedeemed } from './offer'

const now = Date.parse('2026-11-21T12:00:00Z')
const at = (seconds: number) => new Date(now + seconds * 1000).toISOString()

function offer(decision: string, over: Partial<Offer> = {}): Offer {
  return {
    decision,
    campaign: 'shoes',
    offer: { id: 'shoes-20', title: '20% off running shoes', body: '', sms: '', value: { minor: 0 }, valid_ns: 0 },
    code: '7K3M9QXZ',
    at: at(-60),
    expires: at(3600),
    ...over,
  }
}

describe('stateOf', () => {
  test.each([
    ['open', offer('1')],
    ['expired', offer('1', { expires: at(-1) })],
    ['expired', offer('1', { expires: at(0) })],
    ['used', offer('1', { redeemed: at(-5) })],
    ['used', offer('1', { redeemed: at(-5), expires: at(-1) })],
  ])('%s', (want, given) => {
    expect(stateOf(given, now)).toBe(want)
  })
})

describe('withOffer', () => {
  test('puts the newest first', () => {
    const got = withOffer([offer('new', { at: at(-10) }), offer('old', { at: at(-99) })], offer('middle', { at: at(-50) }))
    expect(got.map((o) => o.decision)).toEqual(['new', 'middle', 'old'])
  })
  test('shows a decision that comes again once, as it is now', () => {
    const got = withOffer([offer('1', { code: 'OLD' })], offer('1', { code: 'NEW' }))
    expect(got.map((o) => o.code)).toEqual(['NEW'])
  })
  test('lets an offer be used again whose use was taken back', () => {
    const got = withOffer([offer('1', { redeemed: at(-5) })], offer('1'))
    expect(got[0]?.redeemed).toBeUndefined()
  })
})

test('withRedeemed marks the one that was used', () => {
  const got = withRedeemed([offer('1'), offer('2')], { decision: '2', at: at(0) })
  expect(got.map((o) => o.redeemed)).toEqual([undefined, at(0)])
})

describe('timeLeft', () => {
  test.each([
    [-5, '0 s left'],
    [45, '45 s left'],
    [89, '89 s left'],
    [90, '1 min left'],
    [42 * 60, '42 min left'],
    [90 * 60, '1 h 30 min left'],
    [12 * 3600 + 59, '12 h left'],
    [47 * 3600, '47 h left'],
    [48 * 3600, '2 days left'],
  ])('%d s', (seconds, want) => {
    expect(timeLeft(at(seconds), now)).toBe(want)
  })
})

test('ranked puts the best first, what is new before it, and what is no longer chosen apart', () => {
  const rank = (decision: string, chosen = true) => ({ decision, chosen, score: 1, signals: [] })
  const { chosen, others } = ranked(['new', 'a', 'b', 'c'].map((id) => offer(id)), [rank('c'), rank('a'), rank('b', false)])
  expect(chosen.map((o) => o.decision)).toEqual(['new', 'c', 'a'])
  expect(others.map((o) => o.decision)).toEqual(['b'])
})

test('clock names the day only if it is another', () => {
  expect(clock(at(0), now, 'en-GB')).toMatch(/^\d\d:\d\d$/)
  expect(clock(at(3 * 86_400), now, 'en-GB')).toMatch(/^Tue,? 24 Nov.*\d\d:\d\d$/)
})

test('spelled parts a code for reading aloud', () => {
  expect(spelled('7K3M9QXZ')).toBe('7K3M 9QXZ')
  expect(spelled('7K3M')).toBe('7K3M')
})

test('place names what is known of it', () => {
  expect(place(offer('1', { zone_name: 'Footwear', shop_name: 'Northwind' }))).toBe('Footwear, Northwind')
  expect(place(offer('1', { shop_name: 'Northwind' }))).toBe('Northwind')
  expect(place(offer('1'))).toBe('')
})
