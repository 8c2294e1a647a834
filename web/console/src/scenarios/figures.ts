import type { ScenarioStep, ScenarioStepCount } from '@aisle/api'

/** What became of shoppers at a step, in numbers and words; the first is always told. */
export interface Figures {
  /** How many are there now. Nobody is at a step that only watches until the next one. */
  waiting?: number
  passed: number
  lost: number
  told: [number: number, words: string][]
}

export function figuresOf(step: Pick<ScenarioStep, 'not' | 'for_ns'>, counts: ScenarioStepCount, last: boolean): Figures {
  const not = step.not === true
  const { passed, waiting } = counts
  const lost = counts.timed_out + counts.stopped + counts.let_go
  if (not && !step.for_ns) return { passed, lost, told: [[counts.stopped, 'did it, and dropped out']] }
  return {
    waiting,
    passed,
    lost,
    told: [
      [counts.entered, 'came here'],
      [passed, last ? 'completed it' : not ? 'did not do it' : 'passed'],
      [counts.timed_out, 'ran out of time'],
      [counts.stopped, not ? 'did it, and dropped out' : 'did what must not happen'],
      [counts.let_go, 'began anew or withdrew'],
      [counts.silenced, 'untold for another scenario'],
    ],
  }
}
