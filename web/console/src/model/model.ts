import type { ListsTraining, Model, ModelCohort, ModelTurn, OwnModel } from '@aisle/api'
import { fixed, type State } from '@aisle/ui'
import { t } from './words'

export interface Point {
  n: number
  expected: number
  taken: number
  low: number
  high: number
}

/** What was expected against what came of it, over all cohorts, with the interval that chance allows. */
export function calibration(cohorts: ModelCohort[]): Point[] {
  const sums: { n: number; expected: number; taken: number }[] = []
  for (const { bins } of cohorts) {
    for (const [i, bin] of bins.entries()) {
      const sum = (sums[i] ??= { n: 0, expected: 0, taken: 0 })
      sum.n += bin.n
      sum.expected += bin.expected
      sum.taken += bin.taken
    }
  }
  return sums.filter(({ n }) => n > 0).map(({ n, expected, taken }) => ({ n, expected: expected / n, taken: taken / n, ...wilson(taken / n, n) }))
}

/** The interval of a share that 95 of 100 such intervals have the true one in (Wilson 1927). */
export function wilson(share: number, n: number): { low: number; high: number } {
  const z = 1.96
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const reach = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n)
  return { low: Math.max(0, centre - reach), high: Math.min(1, centre + reach) }
}

/** What all those decisions expected, and what came of them. */
export function overall(cohorts: ModelCohort[]): { n: number; expected: number; taken: number; loss: number } | undefined {
  const sum = cohorts.reduce((all, { n, expected, taken, loss }) => ({ n: all.n + n, expected: all.expected + expected, taken: all.taken + taken, loss: all.loss + loss }), { n: 0, expected: 0, taken: 0, loss: 0 })
  if (sum.n === 0) return undefined
  return { n: sum.n, expected: sum.expected / sum.n, taken: sum.taken / sum.n, loss: sum.loss / sum.n }
}

/** When cohorts ended, their surprise, and that of somebody who knows the rate of each and nothing else. */
export function surprise(cohorts: ModelCohort[]): [ends: number[], losses: number[], knowing: number[]] {
  const full = cohorts.filter(({ n }) => n > 0)
  return [
    full.map(({ last }) => Date.parse(last) / 1000),
    full.map(({ loss, n }) => loss / n),
    full.map(({ taken, n }) => {
      const p = Math.min(Math.max(taken / n, 1e-6), 1 - 1e-6)
      return -(p * Math.log(p) + (1 - p) * Math.log(1 - p))
    }),
  ]
}

export const name = (number: number) => `probit-${number}`

/** What happened, in a sentence. */
export function turnWord({ kind, of, by }: ModelTurn): string {
  switch (kind) {
    case 'rolled_back':
      return t.turns.rolledBack(name(of))
    case 'resumed':
      return t.turns.resumed
    case 'pinned':
      return t.turns.pinned(by ?? t.turns.somebody, name(of))
    case 'released':
      return t.turns.released(by ?? t.turns.somebody)
  }
}

/** By custom a stability index below 0.1 is little, above 0.25 much. */
export function driftState(psi: number): State {
  if (psi < 0.1) return { word: t.drift.steady, tone: 'good' }
  return psi < 0.25 ? { word: t.drift.some, tone: 'warn' } : { word: t.drift.much, tone: 'bad' }
}

export function stateOf({ version, hold }: Model): State {
  if (!version) return { word: t.states.none, tone: 'none' }
  if (!hold) return { word: t.states.learning, tone: 'good' }
  return hold.by ? { word: t.states.pinned, tone: 'warn' } : { word: t.states.back, tone: 'bad' }
}

export function trainingState({ result, ended }: ListsTraining): State {
  if (!ended) return { word: t.lists.states.training, tone: 'info' }
  if (result === 'in_use') return { word: t.lists.states.in_use, tone: 'good' }
  if (result === 'too_few') return { word: t.lists.states.too_few, tone: 'none' }
  return result === 'worse' ? { word: t.lists.states.worse, tone: 'warn' } : { word: t.lists.states.failed, tone: 'bad' }
}

/** What came of a training, in a sentence. */
export function trainingWord({ result, lists, taken, trial, version, problem }: ListsTraining): string {
  switch (result) {
    case 'in_use':
      return t.lists.inUse(version ?? t.lists.it)
    case 'worse':
      return t.lists.worse(fixed(trial?.ndcg ?? 0, 3), fixed(trial?.ndcg_before ?? 0, 3))
    case 'too_few':
      return trial ? t.lists.fewTaken(trial.lists) : t.lists.fewSeen(lists, taken)
    case 'failed':
      return problem ?? t.lists.unknown
    default:
      return t.lists.running
  }
}

export function breakerState({ breaker }: OwnModel): State {
  if (breaker === 'closed') return { word: t.own.breakers.closed, tone: 'good' }
  return breaker === 'open' ? { word: t.own.breakers.open, tone: 'bad' } : { word: t.own.breakers.half_open, tone: 'warn' }
}
