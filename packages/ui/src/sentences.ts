/**
 * What the server's English sentences are in another language. They are their own names: decisions on the log keep theirs
 * for good. In a name `{}` stands for any text, `{n}` for a number and `{q}` for what is in quotes; each is handed on, in
 * this order. A name that says only how something else begins or ends answers undefined where it does not know the rest.
 */
export type Sentences = Record<string, string | ((...parts: string[]) => string | undefined)>

const holes: Record<string, string> = { '{}': '(.*?)', '{n}': '([+−-]?\\d[\\d.]*(?:e[+-]?\\d+)?)', '{q}': '"(.*?)"' }

// The server says the same as a sentence and as a part of one: a capital and a full stop are as it has them.
const bare = (text: string) => text.replace(/\.$/, '')
const anyCase = (part: string) => part.replace(/^\p{L}/u, (first) => `[${first.toLowerCase()}${first.toUpperCase()}]`)
const as = (text: string, like: string) =>
  (/^\p{Lu}/u.test(like) ? text.charAt(0).toUpperCase() + text.slice(1) : text) + (like.endsWith('.') && !/[.?!؟]$/.test(text) ? '.' : '')

/** Finds what a sentence is in the language of these, the first that fits; undefined where none does. */
export function sayingsOf(sentences: Sentences): (sentence: string) => string | undefined {
  const known = Object.entries(sentences).map(([name, said]) => {
    const parts = bare(name).split(/(\{[nq]?\})/).map((part) => holes[part] ?? part.replaceAll(/[$()*+.?[\\\]^{|}]/g, '\\$&'))
    return { pattern: new RegExp(`^${anyCase(parts.join(''))}$`, 's'), said }
  })
  const say = (sentence: string) => {
    for (const { pattern, said } of known) {
      const found = pattern.exec(bare(sentence))
      const text = found && (typeof said === 'string' ? said : said(...found.slice(1)))
      if (text) return text
    }
    return undefined
  }
  return (sentence) => {
    const text = say(sentence) ?? (kind.test(sentence) ? say(sentence.replace(kind, '')) : undefined)
    return text && as(text, sentence)
  }
}

/** What an error is about, and of which kind it is: a status says so in a page's own words. */
const kind = /^(.*: )?(invalid|conflict|denied|not found): /is

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']

/** A day and hour as the server writes it, “2 January 2006 15:04”, as others write it. */
export function dayIn(language: string) {
  const format = new Intl.DateTimeFormat(`${language}-u-nu-latn`, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' })
  return (text: string) => {
    const [day, month, year, hour, minute] = text.split(/[ :]/)
    return format.format(Date.UTC(Number(year), months.indexOf(month ?? ''), Number(day), Number(hour), Number(minute)))
  }
}

/** A number as the server writes it, such as −0.25, as others write it. */
export function numberIn(language: string) {
  const format = new Intl.NumberFormat(`${language}-u-nu-latn`, { maximumSignificantDigits: 6 })
  return (text: string) => (text.startsWith('+') ? '+' : '') + format.format(Number(text.replace('−', '-'))).replace('-', '−')
}
