import type { ScenarioDraft } from '@aisle/api'
import { describe, expect, it } from 'vitest'
import { draftOf, mistakes, moved, newStep, scenarioOf, stepTime } from './draft'

const scenario: ScenarioDraft = {
  name: 'Lingers undecided',
  by: 'zone',
  again_ns: 12 * 3_600e9,
  excludes: ['sales'],
  hold_ns: 60e9,
  steps: [
    { name: 'Stops', events: ['zone_dwelled'], where: 'zone_kind == "sales"', times: 3, in_ns: 600e9 },
    { name: 'Leaves', events: ['zone_left'], within_ns: 3_600e9 },
    { events: ['order_completed'], not: true, for_ns: 20e9 },
  ],
}

describe('a draft', () => {
  it('says what the scenario says', () => expect(scenarioOf(draftOf(scenario), scenario)).toEqual(scenario))

  it('leaves out what was emptied', () => {
    const draft = { ...draftOf(scenario), by: '', again: '', excludes: [] }
    const { by: _by, again_ns: _again, excludes: _excludes, hold_ns: _hold, ...rest } = scenario
    expect(scenarioOf(draft, scenario)).toEqual(rest)
  })

  it('has no mistake where there is none', () => expect(mistakes(draftOf(scenario))).toEqual({}))

  it('tells each mistake at its field', () => {
    const draft = draftOf({ name: ' ', steps: [] })
    draft.steps = [newStep('absence', true), { ...newStep('event', false), within: 'soon' }, { ...newStep('guard', false), events: ['zone_left'] }]
    draft.again = 'often'
    expect(Object.keys(mistakes(draft)).toSorted()).toEqual(['again', 'name', 'steps.0.events', 'steps.1.events', 'steps.1.within', 'steps.2.for'])
  })
})

describe('steps', () => {
  it('move', () => {
    expect(moved(['a', 'b', 'c'], 0, 2)).toEqual(['b', 'c', 'a'])
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'c', 'b'])
  })
  it('say when they are due', () => {
    expect(scenario.steps.map(stepTime)).toEqual(['3 times in 10 min', 'within 1 h', 'for 20 s'])
    expect(stepTime({ events: ['x'], not: true })).toBe('until the next step')
  })
})
