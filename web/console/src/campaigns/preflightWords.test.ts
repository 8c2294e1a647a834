import type { Preflight } from '@aisle/api'
import { describe, expect, test } from 'vitest'
import { amount, coveredWords, difference, displaced, range, reasonWord, verdictOf } from './preflightWords'

const side = { offered: 0, held_out: 0, persons: 0, held: 0 }
const nothing = { value: 0, low: 0, high: 0 }
const report = (change: Partial<Preflight> = {}): Preflight => ({
  moments: 0, without: side, with: side, campaign: side, before: side, places: [], hours: [], tiers: [], sample: [], labels: [], reasons: [], others: [], days: [],
  expected: { known: true, without: nothing, with: nothing, gain: nothing },
  judged: { conclusion: { finding: 'too_little', reason: 'Because.' }, open: 0 },
  digest: '', changed: 0, since: '2026-11-14T00:00:00Z', model: 'probit-1',
  covered: { events: 1_200, decisions: 1, partitions: 8, of: 8, bounded: false, timed_out: false },
  ...change,
})

test('amounts have a true minus and a plus where it says something', () => {
  expect([amount(-1.5, 'EUR'), amount(2, 'EUR', true), amount(0, 'EUR', true)]).toEqual(['−€1.50', '+€2', '€0'])
  expect([difference(-2), difference(0), difference(1_200)]).toEqual(['−2', '0', '+1,200'])
  expect(range({ value: 1, low: -1, high: 3 }, 'EUR', true)).toBe('−€1 to +€3')
})

describe('the verdict', () => {
  test('is red where the log cannot tell, with its reason', () => {
    expect(verdictOf(report())).toMatchObject({ tone: 'bad', title: 'The house’s own decisions cannot tell', reason: 'Because.' })
  })
  test('says of a new offer that it has no past', () => {
    const unsupported = { unsupported: 1 } as NonNullable<Preflight['judged']['report']>
    expect(verdictOf(report({ judged: { conclusion: { finding: 'too_little', reason: '' }, open: 0, report: unsupported } })).advice).toContain('has no past')
  })
  test('is good where it earns more', () => {
    expect(verdictOf(report({ judged: { conclusion: { finding: 'better', reason: '' }, open: 0 } })).tone).toBe('good')
  })
})

test('says how much it has seen', () => {
  expect(coveredWords(report())).toBe('1,200 events and 1 decision were read.')
  expect(coveredWords(report({ covered: { events: 1, decisions: 0, partitions: 3, of: 8, bounded: true, timed_out: true } }))).toContain('only 3 of 8')
})

test('names what is no exclusion of the house', () => expect(reasonWord('outdone')).toBe('Another offer was drawn'))

test('others that do not change are left out', () => {
  expect(displaced(report({ others: [{ campaign: 'a', name: 'A', without: 2, with: 1 }, { campaign: 'b', name: 'B', without: 2, with: 2 }] }))).toHaveLength(1)
})
