import { describe, expect, test } from 'vitest'

/** What each room says, by the path of its words. */
const english = import.meta.glob<{ en: object }>(['./words/en.ts', './*/words/en.ts'], { eager: true })
const others = import.meta.glob<{ words: object }>(['./words/{nl,ar}.ts', './*/words/{nl,ar}.ts'], { eager: true })

/** Every word by its path, functions said with arguments. */
function all(tree: object, at = ''): Map<string, string> {
  const found = new Map<string, string>()
  for (const [key, value] of Object.entries(tree) as [string, unknown][]) {
    const name = at ? `${at}.${key}` : key
    if (typeof value === 'object' && value !== null) for (const [inner, text] of all(value, name)) found.set(inner, text)
    else found.set(name, typeof value === 'function' ? said(value as Word) : String(value))
  }
  return found
}

type Word = (...args: unknown[]) => unknown

/** With numbers where it takes them, else with words, else with lists of words. */
function said(word: Word): string {
  for (const args of [[3, 2, 5, 4], ['x', 'Y', 'z', 'W'], [['x', 'Y'], ['z'], ['x'], ['x']]]) {
    try {
      return String(word(...args) ?? '')
    } catch {
      continue
    }
  }
  throw new Error(`nothing can be said with ${word.toString()}`)
}

/** What is written with the same letters, and rightly so: names of products and formats, and words that Dutch took over. */
const codes = ['Rotterdam Centraal', 'POST /v1/decide', 'JSON Schema, draft 2020-12', 'campaign/, sign in, export…']
const names = 'aisle apache api app camera csv e-mail frigate http ics json kafka mqtt oidc onnx postgresql prometheus redis rtsp schema sms twilio url utc uuid webhook'
const taken: Record<string, string> = {
  nl: 'account audit browser budget bytes contract feature filter firmware headers id in is lift link log logs menu min model open postcode record records route score scenario segment server sms sql status stop stream tag tags team top type was week zone zones alt later object',
  ar: '',
}

const kept = (tag: string) => {
  const words = new Set(`${names} ${taken[tag]}`.split(' '))
  return (text: string) => codes.includes(text) || (text.toLowerCase().match(/[a-z-]{3,}/g) ?? []).every((word) => words.has(word))
}

const rooms = Object.entries(english).flatMap(([path, { en }]) => ['nl', 'ar'].map((tag) => ({ room: path.replace(/^\.\/|\/?words\/en\.ts$/g, ''), tag, en, words: others[path.replace('en.ts', `${tag}.ts`)]?.words })))

describe.each(rooms)('$room in $tag', ({ tag, en, words }) => {
  test('says everything in its own words', () => {
    expect(words).toBeDefined()
    const [want, got] = [all(en), all(words!)]
    expect([...got.keys()].toSorted()).toEqual([...want.keys()].toSorted())
    const left = [...got].filter(([name, text]) => text === want.get(name) && !kept(tag)(text))
    expect(left.map(([name, text]) => `${name}: ${text}`)).toEqual([])
  })
})
