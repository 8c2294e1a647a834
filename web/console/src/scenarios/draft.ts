import type { Scenario, ScenarioDraft, ScenarioStep } from '@aisle/api'
import { spanOf, spanText } from './spans'
import { t } from './words'

/** A scenario as the form has it: lengths of time as text. */
export interface Draft {
  name: string
  description: string
  by: string
  restart: boolean
  again: string
  group: string
  priority: number | ''
  excludes: string[]
  hold: string
  steps: StepDraft[]
}

export interface StepDraft {
  /** Told apart while it is edited. */
  key: string
  name: string
  not: boolean
  events: string[]
  scenario: string
  where: string
  times: number | ''
  in: string
  within: string
  for: string
}

/** What the server calls otherwise than the form. */
export const renamed: Record<string, string> = { again_ns: 'again', hold_ns: 'hold', in_ns: 'in', within_ns: 'within', for_ns: 'for' }

/** The event that says that a shopper came to the end of a scenario. */
export const completed = 'scenario_completed'

let keys = 0
const newKey = () => `step ${++keys}`

/** What a step can be begun as. */
export type StepKind = 'event' | 'dwell' | 'count' | 'absence' | 'guard'

const blank: Omit<StepDraft, 'key'> = { name: '', not: false, events: [], scenario: '', where: '', times: '', in: '', within: spanText(86_400e9), for: '' }
const begun: Record<StepKind, Partial<StepDraft>> = {
  event: {},
  dwell: { events: ['zone_dwelled'] },
  count: { times: 3, in: spanText(3_600e9) },
  absence: { not: true, within: '', for: spanText(3_600e9) },
  guard: { not: true, within: '' },
}

export const newStep = (kind: StepKind, first: boolean): StepDraft => ({ ...blank, ...begun[kind], key: newKey(), ...(first && { within: '' }) })

/** A step that nobody waits at: it must not happen before the step after it. */
export const isGuard = (steps: Pick<StepDraft, 'not' | 'for'>[], at: number): boolean => {
  const step = steps[at]!
  return at > 0 && step.not && !step.for.trim() && steps.slice(at + 1).some((later) => !later.not || later.for.trim() !== '')
}

export function draftOf(scenario: ScenarioDraft): Draft {
  return {
    name: scenario.name,
    description: scenario.description ?? '',
    by: scenario.by ?? '',
    restart: scenario.restart ?? false,
    again: spanText(scenario.again_ns),
    group: scenario.group ?? '',
    priority: scenario.priority || '',
    excludes: scenario.excludes ?? [],
    hold: spanText(scenario.hold_ns),
    steps: scenario.steps.map((step) => ({
      key: newKey(),
      name: step.name ?? '',
      not: step.not ?? false,
      events: step.events,
      scenario: step.scenario ?? '',
      where: step.where ?? '',
      times: step.times || '',
      in: spanText(step.in_ns),
      within: spanText(step.within_ns),
      for: spanText(step.for_ns),
    })),
  }
}

const span = (name: string, text: string) => (spanOf(text) ? { [name]: spanOf(text) } : {})

const stepOf = (step: StepDraft): ScenarioStep => ({
  ...(step.name.trim() && { name: step.name.trim() }),
  ...(step.not && { not: true }),
  events: step.events,
  ...(step.events.includes(completed) && step.scenario && { scenario: step.scenario }),
  ...(step.where.trim() && { where: step.where.trim() }),
  ...(!step.not && Number(step.times) > 1 && { times: Number(step.times), ...span('in_ns', step.in) }),
  ...(step.not ? span('for_ns', step.for) : span('within_ns', step.within)),
})

/** What the form says, on top of what the scenario was. */
export function scenarioOf<S extends ScenarioDraft | Scenario>(draft: Draft, before: S): S {
  const { description: _d, by: _b, restart: _r, again_ns: _a, group: _g, priority: _p, excludes: _e, hold_ns: _h, ...rest } = before
  return {
    ...(rest as S),
    name: draft.name.trim(),
    ...(draft.description.trim() && { description: draft.description.trim() }),
    ...(draft.by && { by: draft.by }),
    ...(draft.restart && { restart: true }),
    ...span('again_ns', draft.again),
    ...(draft.group.trim() && { group: draft.group.trim() }),
    ...(draft.priority && { priority: draft.priority }),
    ...(draft.excludes.length > 0 && { excludes: draft.excludes, ...span('hold_ns', draft.hold) }),
    steps: draft.steps.map(stepOf),
  }
}

/** What can be told to be wrong before the server is asked, by field. */
export function mistakes(draft: Draft): Record<string, string> {
  const found: Record<string, string> = {}
  const check = (field: string, text: string) => {
    if (spanOf(text) === undefined) found[field] = t.mistakes.span
  }
  if (!draft.name.trim()) found.name = t.mistakes.name
  check('again', draft.again)
  check('hold', draft.hold)
  if (draft.steps.length === 0) found.steps = t.mistakes.steps
  draft.steps.forEach((step, i) => {
    const last = i === draft.steps.length - 1
    if (step.events.length === 0) found[`steps.${i}.events`] = t.mistakes.events
    for (const field of ['in', 'within', 'for'] as const) check(`steps.${i}.${field}`, step[field])
    if (step.not && i === 0) found[`steps.${i}.events`] = t.mistakes.begins
    if (step.not && last && !step.for.trim()) found[`steps.${i}.for`] = t.mistakes.for
    if (!step.not && i > 0 && !step.within.trim()) found[`steps.${i}.within`] = t.mistakes.within
    if (step.events.includes(completed) && !step.scenario) found[`steps.${i}.scenario`] = t.mistakes.scenario
  })
  return found
}

/** A list with one of its items elsewhere. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  const rest = list.toSpliced(from, 1)
  return rest.toSpliced(to, 0, list[from]!)
}

/** How a step is led in: when, then, and not. */
export const stepLead = (steps: StepDraft[], at: number): string =>
  steps[at]!.not ? (steps[at]!.for.trim() ? t.step.notFor : t.step.notUntil) : at === 0 ? t.step.when : t.step.next

type Happening = Pick<ScenarioStep, 'name' | 'events'>

/** What a step is about, whether it shall happen or not. */
export const whatHappens = ({ name, events }: Happening, word: (event: string) => string): string => name || events.map(word).join(t.step.or)

/** A step in a few words. */
export const stepWords = (step: Happening & Pick<ScenarioStep, 'not'>, word: (event: string) => string): string =>
  step.not ? t.step.not(whatHappens(step, word)) : whatHappens(step, word)

/** How often, and within which time if one is given. */
export const timesWord = (times: number, span: string): string => (span ? t.step.timesIn(times, span) : t.step.times(times))

/** When a step is due, in a few words: within 2 h, for 20 min. */
export function stepTime(step: ScenarioStep): string {
  const parts: string[] = []
  if ((step.times ?? 0) > 1) parts.push(timesWord(step.times ?? 0, spanText(step.in_ns)))
  if (step.within_ns) parts.push(t.step.within(spanText(step.within_ns)))
  if (step.not) parts.push(step.for_ns ? t.step.for(spanText(step.for_ns)) : t.step.untilNext)
  return parts.join(t.step.comma)
}
