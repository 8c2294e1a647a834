/** Languages that a text message can be written in, by their names in themselves. */
const tags = ['ar', 'bg', 'cs', 'da', 'de', 'el', 'en', 'es', 'et', 'fi', 'fr', 'he', 'hr', 'hu', 'it', 'ja', 'ko', 'lt', 'lv', 'nl', 'no', 'pl', 'pt', 'ro', 'ru', 'sk', 'sl', 'sv', 'tr', 'uk', 'zh']

const name = (tag: string) => new Intl.DisplayNames([tag], { type: 'language' }).of(tag) ?? tag

export const languageName = (tag: string): string => {
  try {
    return `${name(tag)} (${tag})`
  } catch {
    return tag // no language of a name
  }
}

/** What can be chosen, with what was chosen already. */
export const languageChoices = (chosen: string) => [...new Set([...tags, ...(chosen ? [chosen] : [])])].map((value) => ({ value, label: languageName(value) }))
