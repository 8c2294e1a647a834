import { t } from './words'

/** A rule as it is built: groups of conditions. It is what the server compiles, without the builder's own marks. */
export interface Group {
  combinator: 'and' | 'or'
  not?: boolean
  rules: (Group | Condition)[]
}

export interface Condition {
  field: string
  /** Of numbers by key: which one. */
  key?: string
  operator: string
  value?: unknown
}

export const isGroup = (node: Group | Condition): node is Group => 'rules' in node

/** What the builder shows, as it is kept: without ids, and without what says nothing. */
export function plain(node: Group): Group {
  return {
    combinator: node.combinator,
    ...(node.not && { not: true }),
    rules: node.rules.map((one) => (isGroup(one) ? plain(one) : condition(one))),
  }
}

const condition = ({ field, key, operator, value }: Condition): Condition => ({
  field,
  ...(key !== undefined && key !== '' && { key }),
  operator,
  ...(operator !== 'null' && operator !== 'notNull' && { value }),
})

/** The same with another key at a condition of it. */
export function keyed<T extends Group>(group: T, path: number[], key: string): T {
  const [at, ...rest] = path
  return {
    ...group,
    rules: group.rules.map((one, i) => {
      if (i !== at) return one
      return isGroup(one) ? keyed(one, rest, key) : { ...one, key }
    }),
  }
}

/** What a field is compared as. */
export const kindOf = (type: string): 'number' | 'text' | 'yes or no' => (type === 'text' || type === 'yes or no' ? type : 'number')
/** Whether a condition says which of a field's numbers is meant. */
export const byKey = (type: string): boolean => type.startsWith('numbers by ')

const words: Record<string, string> = t.builder.comparisons
const order = Object.keys(words)

/** How fields of a type can be compared, in the order in which people think of it. */
export const comparisons = (operators: string[]) =>
  operators.toSorted((a, b) => order.indexOf(a) - order.indexOf(b)).map((name) => ({ name, value: name, label: words[name] ?? name }))

/** A value that fits an operator, of one that did not. */
export function fitting(kind: ReturnType<typeof kindOf>, operator: string, value: unknown): unknown {
  const many = ['in', 'notIn', 'between', 'notBetween'].includes(operator)
  if (many) return Array.isArray(value) ? value : value === undefined || value === '' ? [] : [value]
  const one: unknown = Array.isArray(value) ? value[0] : value
  if (kind === 'yes or no') return one === true || one === 'true' || one === undefined || one === ''
  return one ?? ''
}
