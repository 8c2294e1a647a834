import type { Campaign } from '@aisle/api'
import { describe, expect, test } from 'vitest'
import { campaignOf, draftOf, mistakes, newContext, newOffer, newRepresentation, overnight, type Draft } from './draft'

const campaign: Campaign = {
  id: 'shoes', name: 'Shoes', status: 'live', version: 4, tags: ['spring'],
  trigger: { event: 'zone_dwelled', shop: 'rtm', zones: ['footwear'] },
  schedule: { from: '2026-03-01T08:00:00.000Z', days: [1, 2], from_minute: 540, until_minute: 1_260 },
  segments: ['regulars'], eligibility: 'tier == "gold"', trees: { eligibility: { combinator: 'and', rules: [{ field: 'tier', operator: '=', value: 'gold' }] } },
  cap: { times: 2, per_ns: 86_400e9 }, cooldown_ns: 5_400e9, channels: ['sms', 'app'],
  offers: [{ id: 'o1', title: '20% off', body: 'b', sms: 's', category: 'footwear', zone: 'footwear', value: { minor: 1_850, currency: 'EUR' }, discount: 0.2, valid_ns: 7_200e9, away_ns: 900e9, stock: 200, sms_translations: { nl: 's' }, representations: [{ placement: 'web/home', title: 't', image: '/i.png' }] }],
  placements: ['web/home'], fallback: ['web'], contexts: [{ key: 'weather', value: 'rain', percent: 30 }],
  weight: 2, lever: 10, holdout: 0.05, split: 0.2, budget: { minor: 100, currency: 'EUR' },
}

test('a campaign that is opened and saved is the same', () => {
  expect(campaignOf(draftOf(campaign, 'EUR'), campaign)).toEqual(campaign)
})

test('a time that is no round number of hours is kept as it was', () => {
  const odd = { ...campaign, cooldown_ns: 240e9, cap: { times: 1, per_ns: 100e9 }, offers: [{ ...campaign.offers[0]!, valid_ns: 7_000e9, away_ns: 10e9 }] }
  expect(campaignOf(draftOf(odd, 'EUR'), odd)).toMatchObject({ cooldown_ns: 240e9, cap: { per_ns: 100e9 }, offers: [{ valid_ns: 7_000e9, away_ns: 10e9 }] })
})

test('people read hours, per cent and times', () => {
  expect(draftOf(campaign, 'EUR')).toMatchObject({
    capTimes: 2, capHours: 24, cooldownHours: 1.5, holdoutPercent: 5, splitPercent: 20, fromTime: '09:00', untilTime: '21:00',
    offers: [{ value: 18.5, discountPercent: 20, validHours: 2, awayMinutes: 15 }],
  })
})

test('what is emptied is gone', () => {
  const emptied: Draft = { ...draftOf(campaign, 'EUR'), shop: '', zones: [], from: '', days: [], segments: [], fromTime: '', untilTime: '', capTimes: '', eligibility: ' ' }
  const saved = campaignOf(emptied, campaign)
  expect(saved.trigger).toEqual({ event: 'zone_dwelled' })
  expect(saved.schedule).toEqual({})
  expect(saved).not.toHaveProperty('eligibility')
  expect(saved).not.toHaveProperty('segments')
  expect(saved.cap).toEqual({ times: 0, per_ns: 0 })
})

test('a cap without a period is for a day', () => {
  expect(campaignOf({ ...draftOf(campaign, 'EUR'), capTimes: 1, capHours: '' }, campaign).cap).toEqual({ times: 1, per_ns: 86_400e9 })
})

test.each([
  { fromTime: '22:00', untilTime: '02:00', want: true },
  { fromTime: '09:00', untilTime: '18:00', want: false },
  { fromTime: '18:00', untilTime: '00:00', want: false },
  { fromTime: '18:00', untilTime: '', want: false },
  { fromTime: '', untilTime: '02:00', want: false },
])('from $fromTime until $untilTime is over midnight: $want', ({ want, ...hours }) => expect(overnight(hours)).toBe(want))

describe('mistakes', () => {
  const whole = draftOf(campaign, 'EUR')
  test.each<{ name: string; change: Partial<Draft>; want: string[] }>([
    { name: 'none', change: {}, want: [] },
    { name: 'no name', change: { name: ' ' }, want: ['name'] },
    { name: 'nothing that wakes it', change: { event: '', placements: [], fallback: [] }, want: ['event'] },
    { name: 'no channel', change: { channels: [] }, want: ['channels'] },
    { name: 'no offer', change: { offers: [] }, want: ['offers'] },
    { name: 'an offer that says nothing', change: { offers: [{ ...newOffer('EUR'), sms: '', validHours: '' }] }, want: ['offers.0.title', 'offers.0.sms', 'offers.0.validHours'] },
    { name: 'no message is needed without SMS', change: { channels: ['app'], offers: [{ ...newOffer('EUR'), title: 't', sms: '' }] }, want: [] },
    { name: 'asked for by a page, and woken by nothing', change: { event: '', channels: [] }, want: [] },
    { name: 'a representation of nothing, nowhere', change: { offers: [{ ...whole.offers[0]!, representations: [newRepresentation('')] }] }, want: ['offers.0.representations.0.placement', 'offers.0.representations.0.title'] },
    { name: 'a language twice', change: { offers: [{ ...whole.offers[0]!, translations: [...whole.offers[0]!.translations, { key: 'x', language: 'nl', sms: 'z' }] }] }, want: ['offers.0.translations.1.language'] },
    { name: 'a context of nothing', change: { contexts: [newContext()] }, want: ['contexts.0.name', 'contexts.0.value'] },
    { name: 'away for longer than it can be redeemed', change: { offers: [{ ...whole.offers[0]!, awayMinutes: 121 }] }, want: ['offers.0.awayMinutes'] },
    { name: 'an end before the beginning', change: { until: '2026-02-01T08:00:00.000Z' }, want: ['until'] },
    { name: 'hours over midnight', change: { fromTime: '22:00', untilTime: '02:00' }, want: [] },
    { name: 'hours until midnight', change: { fromTime: '18:00', untilTime: '00:00' }, want: [] },
    { name: 'no hours at all', change: { fromTime: '18:00', untilTime: '18:00' }, want: ['untilTime'] },
  ])('$name', ({ change, want }) => expect(Object.keys(mistakes({ ...whole, ...change }))).toEqual(want))
})
