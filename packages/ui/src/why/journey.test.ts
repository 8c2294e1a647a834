import type { DecisionDetail } from '@aisle/api'
import { expect, test } from 'vitest'
import { behind, featureText, inWords, journey, says } from './journey'

const detail: DecisionDetail = {
  label: 'E3A2',
  decision: {
    id: '1-2-0', shopper: 's1', event: 'e1', trigger: 'zone_dwelled', offset: 2, model: '7', context: { hour: 10, weekday: 1 },
    time: '2026-03-02T10:00:00.000Z', received: '2026-03-02T10:00:00.020Z', verdict: 'offered', probability: 0.72,
    candidates: [{ campaign: 'a', name: 'A' }, { campaign: 'b', name: 'B' }, { campaign: 'c', name: 'C', out: 'cap' }],
  },
  deliveries: [
    { id: 'd', decision: '1-2-0', shopper: 's1', campaign: 'a', offer: 'o', title: 't', channel: 'sms', state: 'refused', refusal: 'quiet_hours', received: '2026-03-02T10:00:00.020Z', at: '2026-03-02T10:00:00.070Z' },
    { id: 'd', decision: '1-2-0', shopper: 's1', campaign: 'a', offer: 'o', title: 't', channel: 'app', state: 'sent', received: '2026-03-02T10:00:00.020Z', at: '2026-03-02T10:00:00.061Z' },
  ],
  redemption: { decision: '1-2-0', shopper: 's1', label: 'E3A2', at: '2026-03-02T10:05:00Z' },
}

test('the way is told in order, with what each step took', () => {
  expect(journey(detail).map(({ name, tookMs, detail }) => [name, tookMs, detail])).toEqual([
    ['Happened', undefined, undefined],
    ['Came to our door', 20, undefined],
    ['Sent by App', 41, undefined],
    ['Refused for SMS', 9, 'It is the quiet hours of the shop.'],
    ['Redeemed at the till', 299_930, undefined],
  ])
})

const decided = (change: Partial<DecisionDetail['decision']>) => inWords({ decision: { ...detail.decision, ...change } })

test.each([
  { name: 'offered', change: {}, want: '3 offers looked at, 2 in the running. This one was drawn with a probability of 72.0%.' },
  { name: 'the only one', change: { probability: 1, candidates: [{ campaign: 'a', name: 'A' }] }, want: 'One offer looked at, and it was in the running. This one was drawn with a probability of 100%.' },
  { name: 'nothing to say', change: { verdict: 'no_offer' as const, candidates: [] }, want: 'No campaign waits for this.' },
  { name: 'held out by the house', change: { verdict: 'held_out' as const, held_by: 'house' as const }, want: '3 offers looked at, 2 in the running. One would have been made, but this shopper is held out by the house, from every campaign, so that it can be measured what offers earn.' },
  { name: 'held out by a campaign', change: { verdict: 'held_out' as const, held_by: 'campaign' as const }, want: '3 offers looked at, 2 in the running. One would have been made, but this shopper is held out by the campaign, so that it can be measured what it earns.' },
  { name: 'all out', change: { verdict: 'no_offer' as const, candidates: [{ campaign: 'c', name: 'C', out: 'cap' }] }, want: '1 offer looked at, none of which could be made.' },
])('in words: $name', ({ change, want }) => expect(decided(change)).toBe(want))

test.each([
  [0, '0', false], [3, '3', true], [0.51234, '0.512', true], ['', '–', false], [['footwear', 'socks'], 'footwear, socks', true],
  [{ footwear: 2 }, 'footwear 2', true], [true, 'yes', true], [false, 'no', false], [{}, '–', false], [null, '–', false],
])('a feature %j reads %s', (value, text, tells) => {
  expect(featureText(value)).toBe(text)
  expect(says(value)).toBe(tells)
})

const made = { campaign: 'a', name: 'A', offer: 'a', propensity: 0.4, weight: 1, value: 10, lever: 1, reach: 1, score: 4 }
test.each([
  ['who was made', {}, ''],
  ['a worse one', { offer: 'b', propensity: 0.3, reach: 0.5, score: 1.5 }, 'Behind: farther to walk (× 0.50), less likely to be taken (× 0.75)'],
  ['one as good', { offer: 'b' }, 'No worse: the draw fell on the other'],
])('where %s fell behind', (_, change, want) => expect(behind({ ...made, ...change }, made)).toBe(want))
