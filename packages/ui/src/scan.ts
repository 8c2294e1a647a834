import { spoken } from './spoken'

/** Where something is in a text: from the first character to the one behind the last. */
export interface Span {
  from: number
  to: number
}

export interface Scanned {
  /** Each value by its JSON pointer; the whole is ''. */
  at: Map<string, Span>
  /** The name of each property, by the pointer of its value. */
  names: Map<string, Span>
  /** The first place that is no JSON, and why. */
  wrong?: { at: number; says: string }
}

const deepest = 200

/** Reads JSON as JSON.parse does, but says where everything is, and where it ends to be JSON, in any browser alike. */
export function scan(text: string): Scanned {
  const found: Scanned = { at: new Map(), names: new Map() }
  const { noJson } = spoken
  let i = 0

  class Wrong extends Error {}
  const wrong = (says: string, at = i): never => {
    found.wrong = { at: Math.min(at, text.length), says }
    throw new Wrong()
  }
  const space = () => {
    while (i < text.length && ' \t\n\r'.includes(text.charAt(i))) i++
  }

  const string = (): string => {
    const from = i
    for (i++; ; i++) {
      if (i >= text.length) wrong(noJson.quote, from)
      const c = text.charAt(i)
      if (c === '"') break
      if (c < ' ') wrong(noJson.control)
      if (c === '\\') {
        i++
        if (text.charAt(i) === 'u') {
          if (!/^[0-9a-fA-F]{4}$/.test(text.slice(i + 1, i + 5))) wrong(noJson.hex, i - 1)
          i += 4
        } else if (!'"\\/bfnrt'.includes(text.charAt(i) || ' ')) wrong(noJson.backslash, i - 1)
      }
    }
    i++
    return JSON.parse(text.slice(from, i)) as string
  }

  const list = (pointer: string, depth: number) => {
    i++
    space()
    if (text.charAt(i) === ']') return void i++
    for (let n = 0; ; n++) {
      value(`${pointer}/${n}`, depth)
      space()
      if (text.charAt(i) === ']') return void i++
      if (text.charAt(i) !== ',') wrong(i >= text.length ? noJson.openList : noJson.listComma)
      i++
      space()
      if (text.charAt(i) === ']') wrong(noJson.commaBeforeBracket)
    }
  }

  const object = (pointer: string, depth: number) => {
    i++
    space()
    if (text.charAt(i) === '}') return void i++
    for (;;) {
      if (text.charAt(i) !== '"') wrong(i >= text.length ? noJson.openObject : noJson.name)
      const from = i
      const name = string()
      const inner = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
      found.names.set(inner, { from, to: i })
      space()
      if (text.charAt(i) !== ':') wrong(noJson.colon)
      i++
      value(inner, depth)
      space()
      if (text.charAt(i) === '}') return void i++
      if (text.charAt(i) !== ',') wrong(i >= text.length ? noJson.openObject : noJson.objectComma)
      i++
      space()
      if (text.charAt(i) === '}') wrong(noJson.commaBeforeBrace)
    }
  }

  const value = (pointer: string, depth = 0) => {
    if (depth > deepest) wrong(noJson.deep)
    space()
    const from = i
    const c = text.charAt(i)
    if (c === '{') object(pointer, depth + 1)
    else if (c === '[') list(pointer, depth + 1)
    else if (c === '"') string()
    else {
      const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/.exec(text.slice(i, i + 400))?.[0]
      if (!word) wrong(i >= text.length ? noJson.noValue : noJson.value)
      i += word!.length
    }
    found.at.set(pointer, { from, to: i })
  }

  try {
    value('')
    space()
    if (i < text.length) wrong(noJson.ended)
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
  }
  return found
}

/** Line and column, from 1, of a place in a text. */
export function lineOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at)
  const line = before.split('\n').length
  return { line, column: at - before.lastIndexOf('\n') }
}
