import type { QuarantineFilter, QuarantineState } from '@aisle/api'
import { count, reasonWord } from '@aisle/ui'
import type { QuarantineSearch } from '../router'
import { t } from './words'

const hour = 3_600_000
/** How long they are, in milliseconds. */
export const spans = { '1h': hour, '24h': 24 * hour, '7d': 168 * hour, '30d': 720 * hour }

/** What the address asks for, as the API wants it. The minute is kept, so that the same is asked for a while. */
export function filterOf({ reason, source, state, text, since }: QuarantineSearch, now: number): QuarantineFilter {
  return {
    ...(reason && { reason }),
    ...(source && { source }),
    ...(state && { state }),
    ...(text && { text }),
    ...(since && { since: new Date(Math.floor((now - spans[since]) / 60_000) * 60_000).toISOString() }),
  }
}

export const isFiltered = ({ reason, source, state, text, since }: QuarantineSearch): boolean =>
  [reason, source, state, text, since].some((part) => part !== undefined)

/** The filter behind the word "records". */
export function filterWords({ reason, source, state, text, since }: QuarantineSearch): string {
  return [
    reason && t.filter.reason(reasonWord(reason)),
    source && t.filter.source(source),
    text && t.filter.text(text),
    since && t.filter.since(t.spans[since]),
    state && t.filter.states[state],
  ]
    .filter(Boolean)
    .join(' ')
}

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
  if (done < handed) return t.progress.answered(count(done), count(handed))
  if (again === 0) return t.progress.became(handed)
  if (became === 0) return t.progress.again(handed)
  return t.progress.mixed(count(became), again)
}
