import type { FeedField, FeedParser, FeedPlan } from '@aisle/api'
import { t } from './words'

/** How the records of a file are read, as people mend it. */

/** What a sample may be at most: its beginning is enough. */
export const sampleLimit = 256 * 1024

/** The beginning of a file, up to the last whole line that a sample can hold. */
export function cutToLines(bytes: Uint8Array, limit = sampleLimit): Uint8Array {
  if (bytes.length <= limit) return bytes
  const end = bytes.lastIndexOf(10, limit - 1)
  return bytes.subarray(0, end > 0 ? end + 1 : limit)
}

/** Sample bytes as text, by the encoding that the plan found. */
export const textOf = (bytes: Uint8Array, plan: FeedPlan): string => new TextDecoder(encodingOf(plan) === 'latin1' ? 'windows-1252' : 'utf-8').decode(bytes)

const dialectOf = (parser: FeedParser | undefined) => parser?.dialect as { delimiter?: string; quote?: string; header?: boolean; encoding?: string } | undefined
const encodingOf = ({ parser }: FeedPlan) => dialectOf(parser)?.encoding

/** The plan for a sample that is text already: its letters need no decoding any more. */
export function forText(plan: FeedPlan): FeedPlan {
  const dialect = dialectOf(plan.parser)
  if (!plan.parser || !dialect?.encoding) return plan
  const { encoding: _, ...rest } = dialect
  return { ...plan, parser: { ...plan.parser, dialect: rest } }
}

const said = t.kind
const delimiters: Record<string, string> = { ',': said.delimiters.comma, ';': said.delimiters.semicolon, '\t': said.delimiters.tab, '|': said.delimiters.bar, ' ': said.delimiters.space }

/** What kind of file it is, in words. */
export function kindWords(plan: FeedPlan): string {
  const dialect = dialectOf(plan.parser)
  const parts = [said.formats[plan.format]]
  if (plan.format === 'table' && dialect?.delimiter) {
    parts[0] = said.cells(parts[0]!, delimiters[dialect.delimiter] ?? said.quoted(dialect.delimiter))
    parts.push(dialect.header ? said.titles : said.noTitles)
    if (dialect.encoding) parts.push(said.latin1)
  }
  if (plan.parser?.kind === 'key_value') parts[0] = said.keyValue
  if (plan.parser?.kind === 'text' && plan.parser.templates?.length) parts.push(said.messages(plan.parser.templates.length))
  if (plan.parser?.fields) parts.push(said.fields(plan.parser.fields.length))
  return parts.join(said.and)
}

const choices = (words: Record<string, string>) => Object.entries(words).map(([value, label]) => ({ value, label }))

/** What a field may mean to the shop. */
export const roles = choices(t.fields.roles)

export const types = choices(t.fields.types)

/** In the order in which they are done. */
const tidyingOrder = ['trim', 'squeeze', 'lower', 'upper', 'digits'] as const
export const tidyings = tidyingOrder.map((value) => ({ value, label: t.fields.tidyings[value] }))

/** Changes one field. A role that another has goes over to it; what belonged to its old type goes. */
export function changeField(plan: FeedPlan, at: number, part: Partial<FeedField>): FeedPlan {
  const { parser } = plan
  if (!parser?.fields?.[at]) return plan
  const fields = parser.fields.map((field, i): FeedField => {
    if (i !== at) {
      if (part.role === undefined || part.role === '' || field.role !== part.role) return field
      const { role: _, ...rest } = field
      return rest
    }
    const changed: FeedField = { ...field, ...part }
    if (part.type && part.type !== field.type) delete changed.layout
    if (part.normalise) changed.normalise = changed.normalise!.toSorted((a, b) => tidyingOrder.indexOf(a) - tidyingOrder.indexOf(b))
    if (!changed.role) delete changed.role
    if (!changed.layout) delete changed.layout
    if (!changed.exclude) delete changed.exclude
    if (!changed.optional) delete changed.optional
    if (!changed.normalise?.length) delete changed.normalise
    return changed
  })
  return { ...plan, parser: { ...parser, fields } }
}

/** What must be mended before the plan can be used, by field; the rest is the server's to say. */
export function fieldProblems(fields: FeedField[]): Map<number, string> {
  const found = new Map<number, string>()
  const names = new Map<string, number>()
  for (const [i, { name, type, layout, exclude }] of fields.entries()) {
    if (name.trim() === '') found.set(i, t.fields.noName)
    else if (names.has(name)) found.set(i, t.fields.sameName(names.get(name)! + 1))
    else if (type === 'time' && !layout && !exclude) found.set(i, t.fields.noLayout)
    names.set(name, i)
  }
  return found
}

/** What a plan cannot tell yet, in words that say what it leads to. */
export function lacks({ format, event, fields: told, nameless, parser }: FeedPlan): string[] {
  if (format === 'snowplow' || (format === 'jsonl' && !parser)) return []
  if (format === 'access') return told?.user || told?.cookie || !nameless ? [] : [t.lacks.nobody]
  const has = new Set((parser?.fields ?? []).filter(({ exclude }) => !exclude).map(({ role }) => role))
  const found: string[] = []
  if (!has.has('time')) found.push(t.lacks.when)
  if (!['customer_id', 'cookie', 'email', 'phone'].some((role) => has.has(role))) found.push(t.lacks.who)
  if (!has.has('event') && !event) found.push(t.lacks.what)
  return found
}

/** A feed's name from a file's: small letters, digits and dashes. */
export const feedName = (typed: string): string =>
  typed
    .replace(/^.*[/\\]/, '')
    .replace(/\.(csv|tsv|txt|log|jsonl?|ndjson|gz|zst|bz2)(\.(gz|zst|bz2))?$/i, '')
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 60)

export const isFeedName = (name: string) => /^[a-z0-9][a-z0-9-]{0,59}$/.test(name) && name !== 'propose' && name !== 'preview' && name !== 'new'

const inShell = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

/** What to type to bring files of a feed to the house. */
export const ingestCommand = (feed: string, origin: string, key: string | undefined, file = 'FILE'): string =>
  `aisle ingest -format feed:${feed} -to ${inShell(origin)} -key ${key ? inShell(key) : 'WRITE_KEY'} ${inShell(file)}`
