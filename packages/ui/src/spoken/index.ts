import { en, type Spoken } from './en'

export type { Spoken } from './en'

/** What shared parts say, and how dates and numbers are written. Pages are drawn anew when it changes. */
export let spoken: Spoken = en
export let locale = 'en-GB'

/** Has the shared parts speak another language. */
export function speak(next: Spoken, as: string) {
  spoken = next
  locale = as
}

export { en }
