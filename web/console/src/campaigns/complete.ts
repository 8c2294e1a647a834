import type { RuleField } from '@aisle/api'
import { worded } from '@aisle/ui'
import { t } from './words'

export interface Suggestion {
  label: string
  /** What is written for it; the caret stands behind it. */
  insert: string
  says: string
}

/** What could stand at the caret, in place of the text from one place to another. */
export interface Completion {
  from: number
  to: number
  list: Suggestion[]
}

type Field = Pick<RuleField, 'name' | 'type' | 'doc'> & { values?: string[] }

const most = 8
const methods = ['contains', 'startsWith', 'endsWith', 'matches']
const words: Suggestion[] = [
  { label: 'true', insert: 'true', says: t.rule.yes },
  { label: 'false', insert: 'false', says: t.rule.no },
  { label: 'in', insert: 'in [', says: t.rule.oneOf },
]

/** Those that begin so first, then those that hold it. */
function best(all: Suggestion[], typed: string): Suggestion[] {
  const wanted = typed.toLowerCase()
  const place = ({ label }: Suggestion) => label.toLowerCase().indexOf(wanted)
  const found = all.filter((one) => place(one) >= 0).toSorted((a, b) => Math.min(place(a), 1) - Math.min(place(b), 1))
  return found.length === 1 && found[0]!.label === typed ? [] : found.slice(0, most)
}

/** Where the text that is open at the caret begins, behind its quote; nothing outside of a text. */
function openText(before: string): number | undefined {
  let open: number | undefined
  for (let i = 0; i < before.length; i++) {
    const c = before[i]
    if (c === '\\') i++
    else if (open === undefined ? c === '"' || c === "'" : c === before[open - 1]) open = open === undefined ? i + 1 : undefined
  }
  return open
}

/** The field whose values stand where a text begins. */
const comparedWith = [/([\w.]+)\s*\[\s*$/, /([\w.]+)\s*[=!]=\s*$/, /([\w.]+)\s+in\s*\[[^\]]*$/, /([\w.]+)\.(?:contains|startsWith|endsWith)\(\s*$/]

/** What could be written at the caret; asked for, also where nothing has begun yet. */
export function complete(fields: Field[], text: string, caret: number, asked = false): Completion | undefined {
  const before = text.slice(0, caret)
  const from = openText(before)
  if (from !== undefined) {
    const quote = before[from - 1]!
    const head = before.slice(0, from - 1)
    const name = comparedWith.map((form) => form.exec(head)?.[1]).find((found) => found !== undefined)
    const values = fields.find((field) => field.name === name)?.values ?? []
    const closed = /^[^"'\n]*/.exec(text.slice(caret))![0]
    const to = text[caret + closed.length] === quote ? caret + closed.length + 1 : caret
    return some(from, to, best(values.map((label) => ({ label, insert: label + quote, says: name! })), before.slice(from)))
  }
  const word = /[A-Za-z_][\w.]*$/.exec(before)?.[0] ?? ''
  if (word === '' && (!asked || /\d$/.test(before))) return undefined
  const dot = word.lastIndexOf('.')
  const of = fields.find(({ name, type }) => name === word.slice(0, dot) && type === 'text')
  if (of) {
    const all = methods.map((label) => ({ label, insert: `${label}("`, says: `${of.name} ${label}` }))
    return some(caret - word.length + dot + 1, caret, best(all, word.slice(dot + 1)))
  }
  const all = fields.map(({ name, type, doc }) => ({ label: name, insert: type.startsWith('numbers by ') ? `${name}["` : name, says: worded(doc) }))
  return some(caret - word.length, caret, best([...all, ...words], word))
}

const some = (from: number, to: number, list: Suggestion[]): Completion | undefined => (list.length > 0 ? { from, to, list } : undefined)

/** The word or sign at a place, for what is wrong there: at the end, the last one. */
export function wordAt(text: string, place: number): [from: number, to: number] {
  const at = Math.min(place, text.length)
  const rest = /^(?:[\w.]+|"(?:[^"\\]|\\.)*"?|\S)/.exec(text.slice(at))?.[0]
  if (rest) return [at, at + rest.length]
  const last = /\S\s*$/.exec(text.slice(0, at))
  return last ? [last.index, last.index + 1] : [0, text.length]
}
