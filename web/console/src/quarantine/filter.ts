import type { QuarantineFilter, QuarantineState } from '@aisle/api'
import { count, reasonWord } from '@aisle/ui'
import type { QuarantineSearch } from '../router'

const hour = 3_600_000
export const spans = { '1h': { ms: hour, words: 'the last hour' }, '24h': { ms: 24 * hour, words: 'the last 24 hours' }, '7d': { ms: 168 * hour, words: 'the last 7 days' }, '30d': { ms: 720 * hour, words: 'the last 30 days' } } as const

/** What the address asks for, as the API wants it. The minute is kept, so that the same is asked for a while. */
export function filterOf({ reason, source, state, text, since }: QuarantineSearch, now: number): QuarantineFilter {
  return {
    ...(reason && { reason }),
    ...(source && { source }),
    ...(state && { state }),
    ...(text && { text }),
    ...(since && { since: new Date(Math.floor((now - spans[since].ms) / 60_000) * 60_000).toISOString() }),
  }
}

export const isFiltered = ({ reason, source, state, text, since }: QuarantineSearch): boolean =>
  [reason, source, state, text, since].some((part) => part !== undefined)

/** The filter behind the word "records". */
export function filterWords({ reason, source, state, text, since }: QuarantineSearch): string {
  return [
    reason && `for “${reasonWord(reason)}”`,
    source && `from ${source}`,
    text && `with “${text}”`,
    since && `of ${spans[since].words}`,
    state === 'failed' && 'that were put aside again',
    state === 'waiting' && 'that wait',
    state === 'replayed' && 'that became events',
    state === 'replaying' && 'that are at the door',
  ]
    .filter(Boolean)
    .join(' ')
}

/** How many are in a state, behind their number. */
export const stateWords: Record<QuarantineState, string> = { waiting: 'waiting', replaying: 'at the door', replayed: 'became events', failed: 'put aside again' }

type States = Partial<Record<QuarantineState, number>>

/** How far records are that were handed to the door. */
export interface Progress {
  handed: number
  /** That the door has answered. */
  done: number
  became: number
  again: number
}

/** Progress from how many records were in which state before, and are now. Others may replay at the same time: it never exceeds what was handed. */
export function progressOf(before: States, now: States, handed: number): Progress {
  const more = (state: QuarantineState) => Math.max(0, (now[state] ?? 0) - (before[state] ?? 0))
  const atDoor = Math.min(handed, now.replaying ?? 0)
  const done = handed - atDoor
  const became = Math.min(done, more('replayed'))
  return { handed, done, became, again: done - became }
}

/** What the progress is in words. */
export function progressWords({ handed, done, became, again }: Progress): string {
  if (done < handed) return `${count(done)} of ${count(handed)} answered by the door`
  if (again === 0) return handed === 1 ? 'It became events.' : `All ${count(handed)} became events.`
  if (became === 0) return handed === 1 ? 'It was put aside again: its cause is not mended yet.' : `All ${count(handed)} were put aside again: their cause is not mended yet.`
  return `${count(became)} became events, ${count(again)} ${again === 1 ? 'was' : 'were'} put aside again.`
}
