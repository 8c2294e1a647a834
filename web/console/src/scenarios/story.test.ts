import type { Scenario, ScenarioMoment } from '@aisle/api'
import { describe, expect, it } from 'vitest'
import { askOf, newEvent, sampleOf, worthTelling } from './story'

const scenario: Scenario = {
  id: 'x', name: 'X', status: 'draft', version: 1,
  steps: [
    { events: ['zone_dwelled'] },
    { events: ['zone_left'], not: true, for_ns: 120e9 },
    { events: ['product_searched'], within_ns: 3_600e9, times: 2, in_ns: 600e9 },
  ],
}

describe('a try', () => {
  it('begins with a story in which each step comes in time', () => {
    const { events, clock } = sampleOf(scenario, 'shoes')
    expect(events.map(({ at, type, zone }) => [at, type, zone])).toEqual([
      ['15:00:00', 'zone_dwelled', 'shoes'],
      ['15:03:00', 'product_searched', ''],
      ['15:04:00', 'product_searched', ''],
    ])
    expect(clock).toBe('15:05:00')
  })

  it('asks as the latest event happens', () => {
    const asked = askOf(scenario, 'noord', '2026-11-20', [newEvent('15:04', 'product_searched', '', 'shoes'), newEvent('15:00', 'zone_left', 'a')], '16:00')
    expect(asked.case).toMatchObject({ now: '2026-11-20 15:04', clock: '16:00', events: [{ at: '15:04', type: 'product_searched', query: 'shoes' }, { at: '15:00', type: 'zone_left', zone: 'a' }] })
  })

  it('leaves out what says nothing', () => {
    const moment = (event: string, more: Partial<ScenarioMoment> = {}): ScenarioMoment => ({ event, time: '', said: [], why: [], ...more })
    const told = worthTelling([moment('consent_changed'), moment('timer_due'), moment('zone_left'), moment('timer_due', { said: [{ scenario: 'x', step: 1, what: 'passed' }] })])
    expect(told.map(({ event }) => event)).toEqual(['zone_left', 'timer_due'])
  })
})
