import type { House } from '@aisle/api'
import { describe, expect, test } from 'vitest'
import { draftOf, houseOf, limitSays, minuteOf, mistakesIn, newLimit, type HouseDraft, type LimitDraft } from './draft'

const night = { from_minute: 1260, until_minute: 480 }
const hour = 3_600e9

describe('what is kept comes back as it was', () => {
  const cases: [string, House][] = [
    ['nothing said yet', { holdout: 0, approvals: false, quiet: null, cost_per_day: 0, limits: [], version: 0 }],
    [
      'everything said',
      {
        holdout: 0.0525,
        approvals: true,
        quiet: { from_minute: 1290, until_minute: 545 },
        cost_per_day: 6,
        limits: [
          { times: 2, beyond: 'drop', channel: 'sms' },
          { times: 1, beyond: 'hold', tag: 'sale', per_ns: 48 * hour },
          { times: 3, beyond: 'replace', campaign: 'shoes', channel: 'push', per_ns: 5 * hour },
        ],
        version: 7,
      },
    ],
  ]
  test.each(cases)('%s', (_, house) => expect(houseOf(draftOf(house, night), house)).toEqual(house))
})

test('what the form does not show stays', () => {
  const house = { holdout: 0, version: 3, other: 'kept' } as House
  expect(houseOf(draftOf(house, night), house)).toMatchObject({ version: 3, other: 'kept' })
})

test.each([
  ['21:30', 1290],
  ['8:05', 485],
  ['24:00', undefined],
  ['12:60', undefined],
  ['noon', undefined],
  ['', undefined],
])('%s is minute %s', (clock, minute) => expect(minuteOf(clock)).toBe(minute))

describe('what is wrong is said at its field', () => {
  const good: HouseDraft = { holdout: 5, approvals: false, quiet: true, from: '21:00', until: '08:00', cost: '', limits: [newLimit('a')] }
  const limit = (more: Partial<LimitDraft>): Partial<HouseDraft> => ({ limits: [newLimit('a'), { ...newLimit('b'), ...more }] })
  const cases: [string, Partial<HouseDraft>, string[]][] = [
    ['nothing', {}, []],
    ['a whole house held out', { holdout: 51 }, ['holdout']],
    ['nobody held out', { holdout: '' }, []],
    ['too much', { cost: 101 }, ['cost']],
    ['no time', { from: '25:00' }, ['from']],
    ['quiet for nothing', { until: '21:00' }, ['until']],
    ['times of hours that are not used', { quiet: false, from: '', until: '' }, []],
    ['no campaign', limit({ covers: 'campaign' }), ['limits.1.campaign']],
    ['a tag of spaces', limit({ covers: 'tag', tag: ' ' }), ['limits.1.tag']],
    ['no number', limit({ times: '' }), ['limits.1.times']],
    ['none at all is a limit', limit({ times: 0 }), []],
    ['a month and a day', limit({ per: 'days', span: 31 }), ['limits.1.span']],
    ['thirty days', limit({ per: 'days', span: 30 }), []],
    ['less than an hour', limit({ per: 'hours', span: 0.5 }), ['limits.1.span']],
  ]
  test.each(cases)('%s', (_, more, fields) => expect(Object.keys(mistakesIn({ ...good, ...more }))).toEqual(fields))
})

test.each<[Partial<LimitDraft>, string]>([
  [{ channel: 'sms', times: 2 }, 'A shopper gets at most 2 messages by SMS in a day of theirs. What is beyond that is not sent.'],
  [{ covers: 'campaign', campaign: 'shoes', per: 'days', span: 7, beyond: 'hold' }, 'A shopper gets at most 1 message of “Running shoes” in any 7 days. What is beyond that waits until there is room, as long as its offer holds.'],
  [{ covers: 'tag', tag: 'sale', times: 0 }, 'A shopper gets no messages of campaigns tagged “sale”.'],
])('a limit in words: %j', (more, says) => expect(limitSays({ ...newLimit('a'), ...more }, () => 'Running shoes')).toBe(says))
