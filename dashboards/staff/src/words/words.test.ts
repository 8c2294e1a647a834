import { en as sharedEnglish } from '@aisle/ui'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { languages, type Language } from '.'
import { en } from './en'

/** Every word by its path, functions said with arguments. */
function all(tree: object, at = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree) as [string, unknown][]) {
    const name = at ? `${at}.${key}` : key
    if (typeof value === 'string') found.set(name, value)
    else if (typeof value === 'function') found.set(name, said(value as (...args: unknown[]) => unknown))
    else for (const [inner, text] of all(value as object, name)) found.set(inner, text)
  }
  return found
}

/** With numbers where it takes them, else with words. */
function said(word: (...args: unknown[]) => unknown): string {
  try {
    return String(word(3, 2, 5))
  } catch {
    return String(word('x', 'Y', 'z'))
  }
}

const english = new Map([...all(en), ...all(sharedEnglish, 'shared')])

/** What is written with the same letters, and right so: units, product names, words that Dutch took over; and a server's sentence that no language knows. */
const same = /^(title|zone\.named|zone\.label|floor\.camera|floor\.minutes|zone\.normal|feed\.|shared\.(sentence$|sourceKinds\.server|units|sensors|plan|live\.live|purposes\.email|channels|why\.(facts\.product|ids\.model|score|stops)))/

describe.each((Object.keys(languages) as Language[]).filter((tag) => tag !== 'en'))('%s', (tag) => {
  test('says everything in its own words', async () => {
    const { words, shared } = await languages[tag].load()
    const got = new Map([...all(words), ...all(shared, 'shared')])
    expect([...got.keys()].toSorted()).toEqual([...english.keys()].toSorted())
    const left = [...got].filter(([name, text]) => text === english.get(name) && /[a-z]{3}/.test(text) && !same.test(name))
    expect(left.map(([name]) => name)).toEqual([])
  })
})

test('every alert of the house has words', () => {
  const description = readFileSync(new URL('../../../../services/console/openapi.yaml', import.meta.url), 'utf8')
  const [, known = ''] = /^ {4}Alert:[^]*?says:[^]*?enum: \[(.*)\]/m.exec(description) ?? []
  expect(Object.keys(en.alerts.says).toSorted()).toEqual(known.split(', ').toSorted())
})
