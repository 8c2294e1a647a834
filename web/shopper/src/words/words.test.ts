import { describe, expect, test } from 'vitest'
import { languages, type Language } from '.'

type Tree = { [key: string]: Tree | string | ((...args: never[]) => string) | string[] }

/** Every word of a language by its path, functions said with numbers. */
function all(tree: object, at = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree as Tree)) {
    const name = at ? `${at}.${key}` : key
    if (typeof value === 'string') found.set(name, value)
    else if (typeof value === 'function') found.set(name, said(value as (...args: unknown[]) => string))
    else for (const [inner, text] of all(value, name)) found.set(inner, text)
  }
  return found
}

/** With numbers where it takes them, else with words. */
function said(word: (...args: unknown[]) => string): string {
  try {
    return String(word(3, 2, 'x'))
  } catch {
    return word('x', 'x')
  }
}

const tags = Object.keys(languages) as Language[]
const spoken = async (tag: Language) => new Map([...all(await languages[tag].first(), 'first'), ...all(await languages[tag].more(), 'more')])

/** What is the same in these languages, and right so. */
const same = new Set(['first.live', 'first.offline', 'more.channel.email', 'more.consents.email.name'])

describe.each(tags)('%s', (tag) => {
  test('has every word, and says it', async () => {
    const got = await spoken(tag)
    const english = await spoken('en')
    expect([...got.keys()].toSorted()).toEqual([...english.keys()].toSorted())
    expect([...got].filter(([, text]) => text.trim() === '')).toEqual([])
    if (tag === 'en') return
    const left = [...got].filter(([name, text]) => text === english.get(name) && /[a-z]{3}/.test(text) && !same.has(name))
    expect(left.map(([name]) => name)).toEqual([])
  })
})

// Between tags, or in an attribute that is read aloud: words belong into src/words.
const literal = />\s*([^<>{}\n]*[A-Za-z]{2}[^<>{}\n]*)\s*<\/|^\s{4,}([A-Z][a-z]+ [a-z][^<>{}=;:()]*)$|(?:aria-label|alt|title)="([^"]*[A-Za-z]{2}[^"]*)"/gm

const pages = Object.entries(import.meta.glob<string>('../**/*.tsx', { query: '?raw', import: 'default', eager: true }))

test.each(pages)('%s says nothing of its own', (_, source) => {
  const code = source.replace(/^\s*(\/\/|\/?\*).*$/gm, '')
  expect([...code.matchAll(literal)].map(([text]) => text.trim())).toEqual([])
})

test.each(['<p>Two words</p>', '<h1>Offers</h1>', 'aria-label="Main"', '      Take it again\n'])('the look for literals finds %s', (given) => {
  expect([...given.matchAll(literal)]).toHaveLength(1)
})
