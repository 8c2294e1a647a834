import type { FeedField, FeedParser, FeedPlan } from '@aisle/api'
import { plural } from '@aisle/ui'

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

const kinds: Record<FeedPlan['format'], string> = {
  access: 'An access log of a web server',
  table: 'A table',
  jsonl: 'Objects of JSON, one a line',
  text: 'A log of lines',
  snowplow: 'Enriched events of Snowplow',
}
const delimiters: Record<string, string> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': 'bars', ' ': 'spaces' }

/** What kind of file it is, in words. */
export function kindWords(plan: FeedPlan): string {
  const dialect = dialectOf(plan.parser)
  const parts = [kinds[plan.format]]
  if (plan.format === 'table' && dialect?.delimiter) {
    parts[0] += ` with ${delimiters[dialect.delimiter] ?? `“${dialect.delimiter}”`} between its cells`
    parts.push(dialect.header ? 'a line of titles' : 'no line of titles')
    if (dialect.encoding) parts.push('Latin-1 letters')
  }
  if (plan.parser?.kind === 'key_value') parts[0] = 'A log of name=value'
  if (plan.parser?.kind === 'text' && plan.parser.templates?.length) parts.push(plural(plan.parser.templates.length, 'kind of message', 'kinds of messages'))
  if (plan.parser?.fields) parts.push(plural(plan.parser.fields.length, 'field'))
  return parts.join(', ')
}

/** What a field may mean to the shop. */
export const roles = [
  { value: 'time', label: 'When' },
  { value: 'customer_id', label: 'Shopper: customer id' },
  { value: 'cookie', label: 'Shopper: cookie or device' },
  { value: 'email', label: 'Shopper: e-mail' },
  { value: 'phone', label: 'Shopper: phone' },
  { value: 'event', label: 'What happened' },
  { value: 'query', label: 'What was searched' },
  { value: 'product', label: 'Product' },
  { value: 'category', label: 'Category' },
  { value: 'price', label: 'Price of one' },
  { value: 'value', label: 'Amount in all' },
  { value: 'currency', label: 'Currency' },
  { value: 'quantity', label: 'How many' },
  { value: 'order', label: 'Order or receipt' },
  { value: 'url', label: 'Page' },
  { value: 'referrer', label: 'Page before' },
  { value: 'user_agent', label: 'Browser' },
  { value: 'ip', label: 'Network address' },
  { value: 'level', label: 'Level' },
  { value: 'message', label: 'Message' },
]

export const types = [
  { value: 'string', label: 'Text' },
  { value: 'integer', label: 'Whole number' },
  { value: 'number', label: 'Number' },
  { value: 'boolean', label: 'True or false' },
  { value: 'time', label: 'Time' },
  { value: 'email', label: 'E-mail' },
  { value: 'phone', label: 'Phone' },
  { value: 'url', label: 'Address of a page' },
  { value: 'ip', label: 'Network address' },
  { value: 'user_agent', label: 'Browser' },
  { value: 'uuid', label: 'UUID' },
  { value: 'object', label: 'JSON' },
]

export const tidyings = [
  { value: 'trim', label: 'No spaces at the ends' },
  { value: 'squeeze', label: 'One space between words' },
  { value: 'lower', label: 'Small letters' },
  { value: 'upper', label: 'Capitals' },
  { value: 'digits', label: 'Only + and digits' },
]
const tidyingOrder = tidyings.map(({ value }) => value)

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
    if (name.trim() === '') found.set(i, 'Give it a name')
    else if (names.has(name)) found.set(i, `Field ${names.get(name)! + 1} is called so already`)
    else if (type === 'time' && !layout && !exclude) found.set(i, 'Say how the time is written')
    names.set(name, i)
  }
  return found
}

/** What a plan cannot tell yet, in words that say what it leads to. */
export function lacks({ format, event, fields: told, nameless, parser }: FeedPlan): string[] {
  if (format === 'snowplow' || (format === 'jsonl' && !parser)) return []
  if (format === 'access') return told?.user || told?.cookie || !nameless ? [] : ['Nobody is told by these lines: all of them will lie in quarantine. Choose the field of the user or cookie.']
  const has = new Set((parser?.fields ?? []).filter(({ exclude }) => !exclude).map(({ role }) => role))
  const said: string[] = []
  if (!has.has('time')) said.push('No field tells when: the time at which it is read is taken.')
  if (!['customer_id', 'cookie', 'email', 'phone'].some((role) => has.has(role))) said.push('No field tells who: events that name no shopper cannot be used.')
  if (!has.has('event') && !event) said.push('No field tells what happened: say below what each record is.')
  return said
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
