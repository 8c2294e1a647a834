import type { QuarantinedWhole, Tried } from '@aisle/api'
import { scan, type Scanned } from '@aisle/ui'

/** An original, as it can be read best, with the places where it is wrong. */
export interface Original {
  kind: 'json' | 'text' | 'hex'
  text: string
  marks: { from: number; to?: number; says: string }[]
}

export function originalOf({ body, encoding, cut }: Pick<QuarantinedWhole, 'body' | 'encoding' | 'cut'>, tried?: Pick<Tried, 'bad'>): Original {
  if (encoding === 'hex') return { kind: 'hex', text: hexDump(body), marks: [] }
  const { wrong } = scan(body)
  if (wrong) {
    const isJson = /^\s*[[{]/.test(body)
    const endOfCut = cut && wrong.at >= body.length - 1
    return { kind: isJson ? 'json' : 'text', text: body, marks: isJson && !endOfCut ? [{ from: wrong.at, says: wrong.says }] : [] }
  }
  const text = indented(body)
  const problems = (tried?.bad ?? []).length === 1 ? (tried?.bad[0]?.problems ?? []) : []
  const scanned = scan(text)
  const marks = problems.flatMap(({ at, says }) => {
    const span = placeOf(scanned, at)
    return span ? [{ ...span, says }] : []
  })
  return { kind: 'json', text, marks }
}

/** Where in a call a problem of its properties is; of what is missing, the object that it is missing in. */
function placeOf({ at: places, names }: Scanned, at: string) {
  for (const within of ['/properties', '/traits', '/data', '']) {
    if (!places.has(within)) continue
    const span = names.get(within + at) ?? places.get(within + at)
    if (span) return span
    for (let up = at.slice(0, at.lastIndexOf('/')); within !== '' || up !== ''; up = up.slice(0, up.lastIndexOf('/'))) {
      const parent = names.get(within + up) ?? places.get(within + up)
      if (parent) return parent
      if (up === '') break
    }
  }
  return undefined
}

/** JSON with a property a line. Numbers and texts stay as they were written, letter by letter. */
export function indented(json: string): string {
  let depth = 0
  const out: string[] = []
  const line = () => `\n${'  '.repeat(depth)}`
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    const before = out.at(-1)
    if (token === '{' || token === '[') {
      out.push(token)
      depth++
      out.push(line())
    } else if (token === '}' || token === ']') {
      depth--
      if (before?.startsWith('\n') && (out.at(-2) === '{' || out.at(-2) === '[')) out.pop()
      else out.push(line())
      out.push(token)
    } else if (token === ',') out.push(token, line())
    else if (token === ':') out.push(': ')
    else out.push(token)
  }
  return out.join('')
}

/** Sixteen bytes a line: where, in hexadecimal, and the letters among them. */
export function hexDump(hex: string): string {
  const bytes = hex.match(/../g) ?? []
  const lines: string[] = []
  for (let i = 0; i < bytes.length; i += 16) {
    const row = bytes.slice(i, i + 16)
    const letters = row.map((byte) => {
      const code = Number.parseInt(byte, 16)
      return code >= 0x20 && code < 0x7f ? String.fromCharCode(code) : '·'
    })
    lines.push(`${i.toString(16).padStart(8, '0')}  ${row.join(' ').padEnd(47)}  ${letters.join('')}`)
  }
  return lines.join('\n')
}
