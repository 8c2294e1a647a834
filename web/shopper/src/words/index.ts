import { keep, wanted as spoken, writtenAs } from '@aisle/ui/language'
import { en } from './en'
import type { More } from './more/en'

/** What the first pages say. Every language has every word: the compiler sees to it. */
export type Words = typeof en
export type Language = 'en' | 'nl' | 'ar'

interface Speech {
  /** As its speakers call it. */
  name: string
  dir: 'ltr' | 'rtl'
  /** What the first pages say. English is in the first script. */
  first(): Promise<Words>
  /** What pages say that are opened later. */
  more(): Promise<More>
}

export const languages: Record<Language, Speech> = {
  en: { name: 'English', dir: 'ltr', first: async () => en, more: () => import('./more/en').then(({ more }) => more) },
  nl: { name: 'Nederlands', dir: 'ltr', first: () => import('./nl').then(({ nl }) => nl), more: () => import('./more/nl').then(({ more }) => more) },
  ar: { name: 'العربية', dir: 'rtl', first: () => import('./ar').then(({ ar }) => ar), more: () => import('./more/ar').then(({ more }) => more) },
}

/** The language that the app speaks. Pages are drawn anew when it changes, so that what they read here is its words. */
export let language: Language = 'en'
export let t: Words = en
/** Loaded with the first page that needs it (see page.tsx). */
export let m: More

/** By which dates, times and numbers are written: as people of this phone do, where it speaks the language. */
export let locale: string | undefined

/** The language that was chosen, or the first of the phone's that the app speaks. */
export const wanted = (phone: readonly string[]): Language => spoken(languages, phone) ?? 'en'

/** Changes what is spoken. Where the words do not come, as without a network, it stays as it was. */
export async function speak(next: Language) {
  const speech = languages[next]
  const [first, more] = await Promise.all([speech.first(), m && speech.more()])
  language = next
  t = first
  if (more) m = more
  locale = writtenAs(next)
  Object.assign(document.documentElement, { lang: next, dir: speech.dir })
}

/** Loads what later pages say. */
export async function sayMore() {
  m ??= await languages[language].more()
}

export function choose(next: Language) {
  keep(next)
  return speak(next)
}

/** "19:00" today, with the day before it otherwise. */
export function clock(time: string, now: number, as = locale): string {
  const at = new Date(time)
  const sameDay = at.toDateString() === new Date(now).toDateString()
  return written(at, as, {
    ...(!sameDay && { weekday: 'short', day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  })
}

/** A day, as people write it. */
export const dayOf = (time: string, as = locale) => written(new Date(time), as, { day: 'numeric', month: 'long', year: 'numeric' })

/** Each is made once: that takes a phone longer than all that it writes. */
const formats = new Map<string, Intl.DateTimeFormat>()

function written(at: Date, as: string | undefined, options: Intl.DateTimeFormatOptions): string {
  const name = JSON.stringify([as, options])
  let format = formats.get(name)
  if (!format) formats.set(name, (format = new Intl.DateTimeFormat(as, options)))
  return format.format(at)
}

export const percent = (share: number) => share.toLocaleString(locale, { style: 'percent' })

/** "in the app, by text message and by e-mail". */
export const listed = (parts: string[]) => new Intl.ListFormat(locale).format(parts)
