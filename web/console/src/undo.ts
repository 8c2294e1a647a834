import { useHotkeys } from '@mantine/hooks'
import { useEffect, useState } from 'react'

/** What was before, and what was taken back, of something that is edited. */
export interface Past<T> {
  before: T[]
  now: T
  after: T[]
  /** When it last changed, in milliseconds. */
  at: number
}

const most = 100
/** What changes faster than this is one change: a word that is typed. */
const together = 700

export const begun = <T>(now: T): Past<T> => ({ before: [], now, after: [], at: 0 })

export const changed = <T>({ before, now, at }: Past<T>, next: T, time: number): Past<T> => ({
  before: before.length > 0 && time - at < together ? before : [...before.slice(1 - most), now],
  now: next,
  after: [],
  at: time,
})

export const undone = <T>(past: Past<T>): Past<T> =>
  past.before.length === 0 ? past : { before: past.before.slice(0, -1), now: past.before.at(-1)!, after: [past.now, ...past.after], at: 0 }

export const redone = <T>(past: Past<T>): Past<T> =>
  past.after.length === 0 ? past : { before: [...past.before, past.now], now: past.after[0]!, after: past.after.slice(1), at: 0 }

export interface Undo {
  undo?: () => void
  redo?: () => void
}

/** Takes back what was done in a form, a change at a time, and does it again. What cannot be done is not there. */
export function useUndo<T>(form: { values: T; setValues: (values: T) => void }): Undo {
  const { values } = form
  const [past, setPast] = useState(() => begun(values))
  useEffect(() => setPast((past) => (JSON.stringify(past.now) === JSON.stringify(values) ? past : changed(past, values, Date.now()))), [values])
  const go = (to: Past<T>) => {
    setPast(to)
    form.setValues(to.now)
  }
  // Within a field, the browser's own undo is meant.
  useHotkeys([
    ['mod+Z', () => go(undone(past))],
    ['mod+shift+Z', () => go(redone(past))],
  ])
  return {
    ...(past.before.length > 0 && { undo: () => go(undone(past)) }),
    ...(past.after.length > 0 && { redo: () => go(redone(past)) }),
  }
}
