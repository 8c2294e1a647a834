/** What apps of several languages have in common. No framework: the shopper's app, which is small, uses it too. */

type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** Says how many, by a language's own forms. A # stands for the number. */
export function plurals(language: string) {
  const rules = new Intl.PluralRules(language)
  const numbers = new Intl.NumberFormat(`${language}-u-nu-latn`)
  return (n: number, forms: Forms) => (forms[rules.select(n)] ?? forms.other).replace('#', numbers.format(n))
}

const key = 'aisle.language'
const base = (tag: string) => tag.toLowerCase().split('-')[0]!

/** The language that was chosen here, or the first of the browser's, if it is among those that are spoken. */
export function wanted<L extends string>(spoken: Record<L, unknown>, browser: readonly string[]): L | undefined {
  let kept: string | null = null
  try {
    kept = localStorage.getItem(key)
  } catch {
    // Private browsing: it is chosen anew each time.
  }
  const known = (tag: string | null): tag is L => tag !== null && tag in spoken
  return known(kept) ? kept : browser.map(base).find(known)
}

/** Keeps what was chosen. */
export function keep(language: string) {
  try {
    localStorage.setItem(key, language)
  } catch {
    // It holds until the page is closed.
  }
}

/**
 * By which dates, times and numbers are written: as people of this browser do, where it speaks the language. The digits
 * are those of the texts, so that a page does not mix two kinds.
 */
export const writtenAs = (language: string) => `${navigator.languages.find((tag) => base(tag) === language) ?? language}-u-nu-latn`
