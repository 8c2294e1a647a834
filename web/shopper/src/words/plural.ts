type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }

/** Says how many, by a language's own forms. A # stands for the number. */
export function plurals(language: string) {
  const rules = new Intl.PluralRules(language)
  const numbers = new Intl.NumberFormat(language)
  return (n: number, forms: Forms) => (forms[rules.select(n)] ?? forms.other).replace('#', numbers.format(n))
}
