import type { CampaignWithStats, Counts, Shop } from '@aisle/api'
import { expect, test } from 'vitest'
import { lineOf, matches, nextSort, sorted, standing, where } from './table'

const counts = (sent: number, redeemed: number): Counts => ({ offered: sent, sent, delivered: sent, failed: 0, refused: 0, redeemed, held_out: 0 })
const campaign = (id: string, sent: number, redeemed: number): CampaignWithStats => ({
  campaign: { id, name: id.toUpperCase(), status: 'live', version: 1, trigger: { event: 'zone_dwelled', shop: 'rtm', zones: ['shoes'] }, channels: ['app'], offers: [] },
  stats: { total: counts(0, 0), today: counts(0, 0), days: [{ day: '2026-03-01', counts: counts(sent, redeemed) }], p95_ms: sent && 100, earned: [] },
})
const shop: Shop = {
  id: 'rtm', name: 'Rotterdam', time_zone: 'UTC', currency: 'EUR', quiet: { from_minute: 0, until_minute: 0 }, floors: [], receivers: [], cameras: [],
  zones: [{ id: 'shoes', name: 'Shoes', floor: 'g', kind: 'sales', polygon: [], dwell_ns: 0 }],
}
const lines = [campaign('b', 10, 1), campaign('a', 20, 1), campaign('c', 0, 0)].map((of) => lineOf(of, [shop]))
const names = (sort: string | undefined) => sorted(lines, sort).map(({ name }) => name)

test('shares are of what was sent in the days shown', () => {
  expect(lines[0]).toMatchObject({ sent: 10, redeemedShare: 0.1, p95Ms: 100, where: 'Shoes' })
  expect(lines[2]).not.toHaveProperty('redeemedShare')
})

test.each([
  [undefined, ['B', 'A', 'C']],
  ['name', ['A', 'B', 'C']],
  ['-sent', ['A', 'B', 'C']],
  ['-redeemed', ['B', 'A', 'C']],
  ['weather', ['B', 'A', 'C']],
])('sorted by %s', (sort, want) => expect(names(sort)).toEqual(want))

test('clicks go round', () => {
  expect([undefined, '-sent', 'sent'].map((sort) => nextSort(sort, 'sent'))).toEqual(['-sent', 'sent', undefined])
  expect([undefined, 'name', '-name'].map((sort) => nextSort(sort, 'name'))).toEqual(['name', '-name', undefined])
})

test('a filter finds every word, anywhere', () => {
  expect(matches(lines[0]!, 'shoes b')).toBe(true)
  expect(matches(lines[0]!, 'shoes z')).toBe(false)
})

test.each([
  [{ zones: ['shoes', 'gone'], shop: 'rtm' }, 'Shoes, gone'],
  [{ shop: 'rtm' }, 'Rotterdam'],
  [{}, 'Anywhere'],
])('%j is at %s', (trigger, want) => expect(where(trigger, [shop])).toBe(want))

test.each([
  { status: 'live' as const, schedule: {}, want: 'Live' },
  { status: 'live' as const, schedule: { until: '2026-03-01T08:00:00Z' }, want: 'Over' },
  { status: 'live' as const, schedule: { from: '2026-03-01T08:00:01Z' }, want: 'Not begun yet' },
  { status: 'paused' as const, schedule: { until: '2026-03-01T08:00:00Z' }, want: 'Paused' },
])('a campaign that is $status with $schedule is told as $want', ({ want, ...campaign }) => expect(standing(campaign, Date.parse('2026-03-01T08:00:00Z')).word).toBe(want))
