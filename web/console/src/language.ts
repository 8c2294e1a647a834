import { en, speak, type Spoken } from '@aisle/ui'
import { keep, wanted, writtenAs } from '@aisle/ui/language'

export type Language = 'en' | 'nl' | 'ar'

interface Speech {
  /** As its speakers call it. */
  name: string
  dir: 'ltr' | 'rtl'
  /** What the parts say that the console shares with the staff's screen. */
  shared(): Promise<Spoken>
  /** Names months and days where a date is picked; English are there without. */
  dates(): Promise<unknown>
}

export const languages: Record<Language, Speech> = {
  en: { name: 'English', dir: 'ltr', shared: async () => en, dates: async () => {} },
  nl: { name: 'Nederlands', dir: 'ltr', shared: async () => (await import('@aisle/ui/spoken/nl')).nl, dates: () => import('dayjs/locale/nl') },
  ar: { name: 'العربية', dir: 'rtl', shared: async () => (await import('@aisle/ui/spoken/ar')).ar, dates: () => import('dayjs/locale/ar') },
}

/** The language that this page speaks, from its first word to its last: the chosen one, or what the browser asks for. */
export const language: Language = typeof document === 'undefined' ? 'en' : (wanted(languages, navigator.languages) ?? 'en')

if (language !== 'en') {
  const { shared, dates } = languages[language]
  const [said] = await Promise.all([shared(), dates()])
  speak(said, writtenAs(language))
}
if (typeof document !== 'undefined') Object.assign(document.documentElement, { lang: language, dir: languages[language].dir })

/** Changes the language, here until another is chosen. The page is loaded anew, which asks first where something is not saved. */
export function choose(next: Language) {
  keep(next)
  location.reload()
}

/**
 * What a room of the console says: English comes with the room, other languages when they are spoken. Files of words
 * import nothing but `@aisle/ui/language`, as the room waits for them.
 */
export async function words<Words>(english: Words, others: Record<Exclude<Language, 'en'>, () => Promise<{ words: Words }>>): Promise<Words> {
  return language === 'en' ? english : (await others[language]()).words
}
