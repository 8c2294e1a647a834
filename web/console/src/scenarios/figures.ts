import type { ScenarioStep, ScenarioStepCount } from '@aisle/api'
import { t } from './words'

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
  const say = t.funnel
  if (not && !step.for_ns) return { passed, lost, told: [[counts.stopped, say.didAndDropped(counts.stopped)]] }
  const told: [number, words: (n: number) => string][] = [
    [counts.entered, say.came],
    [passed, last ? say.completed : not ? say.didNot : say.passed],
    [counts.timed_out, say.timedOut],
    [counts.stopped, not ? say.didAndDropped : say.didForbidden],
    [counts.let_go, say.letGo],
    [counts.silenced, say.silenced],
  ]
  return { waiting, passed, lost, told: told.map(([n, words]) => [n, words(n)]) }
}
