import type { Experiment } from '@aisle/api'
import { expect, test } from 'vitest'
import { csvOf } from './exports'

const arm = { share: 0.5, people: 40, spent: 3, orders: 1, redeemed: 0, given_away: 0 }
const lift = { measure: 'spent', arm: 1, against: 0, value: 1.5, low: 0.5, high: 2.5, relative: 0.5, anytime_low: 0, anytime_high: 3, explained: 0 } as const
const experiment: Experiment = {
  kind: 'campaign', campaign: 'shoes', name: 'Shoes, "all"', share: 0.5, since: '2026-11-01T00:00:00Z', mismatch: 0.4, uneven: false, mixed: 0, primary: 'spent',
  arms: [{ ...arm, name: 'held out' }, { ...arm, name: 'offered', people: 60 }],
  lifts: [lift, { ...lift, measure: 'orders', refused: 'too few people' }],
  verdict: { finding: 'not_yet', reason: 'the interval holds 0' },
}

test('a line for each measure; what is refused has no figures', () => {
  expect(csvOf([experiment]).split('\r\n')).toEqual([
    'experiment,campaign,since,finding,arm,people,against,people_against,measure,a_person_more,low,high,anytime_low,anytime_high,refused',
    '"Shoes, ""all""",shoes,2026-11-01T00:00:00Z,not_yet,offered,60,held out,40,spent,1.5,0.5,2.5,0,3,',
    '"Shoes, ""all""",shoes,2026-11-01T00:00:00Z,not_yet,offered,60,held out,40,orders,,,,,,too few people',
  ])
})
