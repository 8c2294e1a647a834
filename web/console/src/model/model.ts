import type { ListsTraining, Model, ModelCohort, ModelTurn, OwnModel } from '@aisle/api'
import type { State } from '@aisle/ui'

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
      return `Went back to ${name(of)} by itself`
    case 'resumed':
      return 'What learns is in use again, having proved itself'
    case 'pinned':
      return `${by ?? 'Somebody'} put ${name(of)} in use`
    case 'released':
      return `${by ?? 'Somebody'} had what learns in use again`
  }
}

/** By custom a stability index below 0.1 is little, above 0.25 much. */
export function driftState(psi: number): State {
  if (psi < 0.1) return { word: 'Steady', tone: 'good' }
  return psi < 0.25 ? { word: 'Some', tone: 'warn' } : { word: 'Much', tone: 'bad' }
}

export function stateOf({ version, hold }: Model): State {
  if (!version) return { word: 'Nothing learned yet', tone: 'none' }
  if (!hold) return { word: 'Learning', tone: 'good' }
  return hold.by ? { word: 'Pinned', tone: 'warn' } : { word: 'Rolled back', tone: 'bad' }
}

export function trainingState({ result, ended }: ListsTraining): State {
  if (!ended) return { word: 'Being trained', tone: 'info' }
  if (result === 'in_use') return { word: 'In use', tone: 'good' }
  if (result === 'too_few') return { word: 'Too few lists yet', tone: 'none' }
  return result === 'worse' ? { word: 'Worse: not used', tone: 'warn' } : { word: 'Failed', tone: 'bad' }
}

/** What came of a training, in a sentence. */
export function trainingWord({ result, lists, taken, trial, version, problem }: ListsTraining): string {
  switch (result) {
    case 'in_use':
      return `${version ?? 'It'} ordered the newest lists at least as well as what was in use, and took its place.`
    case 'worse':
      return `It ordered the newest lists worse than what is in use, which stays: an NDCG@10 of ${(trial?.ndcg ?? 0).toFixed(3)} against ${(trial?.ndcg_before ?? 0).toFixed(3)}.`
    case 'too_few':
      return trial ? `Of the newest lists ${trial.lists} had something taken: too few to tell whether it is as good as what is in use.` : `${lists} lists were seen and ${taken} offers of them taken; 50 of each are needed.`
    case 'failed':
      return problem ?? 'Nobody knows why.'
    default:
      return 'What came of it is told here when it has ended.'
  }
}

export function breakerState({ breaker }: OwnModel): State {
  if (breaker === 'closed') return { word: 'Asked', tone: 'good' }
  return breaker === 'open' ? { word: 'Not asked: it failed', tone: 'bad' } : { word: 'Being tried', tone: 'warn' }
}
