import { en as sharedEnglish, speak as speakShared, type Spoken } from '@aisle/ui'
import { keep, wanted, writtenAs } from '@aisle/ui/language'
import { en, type Words } from './en'

export type Language = 'en' | 'nl' | 'ar'

interface Speech {
  /** As its speakers call it. */
  name: string
  dir: 'ltr' | 'rtl'
  /** What this app says, and what the parts say that it shares with the console. English is in the first script. */
  load(): Promise<{ words: Words; shared: Spoken }>
}

export const languages: Record<Language, Speech> = {
  en: { name: 'English', dir: 'ltr', load: async () => ({ words: en, shared: sharedEnglish }) },
  nl: { name: 'Nederlands', dir: 'ltr', load: () => import('./nl') },
  ar: { name: 'العربية', dir: 'rtl', load: () => import('./ar') },
}

/** The language that the screen speaks. It is drawn anew when that changes, so that what is read here is its words. */
export let language: Language = 'en'
export let t: Words = en

/** Speaks what was chosen here, or what the browser asks for. */
export const speakFirst = () => speak(wanted(languages, navigator.languages) ?? 'en')

/** Changes what is spoken, here until another is chosen. Where the words do not come, it stays as it was. */
export async function choose(next: Language) {
  await speak(next)
  keep(next)
}

async function speak(next: Language) {
  const { words, shared } = await languages[next].load()
  language = next
  t = words
  speakShared(shared, writtenAs(next))
  Object.assign(document.documentElement, { lang: next, dir: languages[next].dir })
}
