import type { FeedPlan } from '@aisle/api'
import { expect, test } from 'vitest'
import { changeField, cutToLines, feedName, fieldProblems, forText, ingestCommand, isFeedName, kindWords, lacks, textOf } from './plan'

const bytes = (text: string) => new TextEncoder().encode(text)

test.each([
  ['short', 'a\nb\n', 10, 'a\nb\n'],
  ['cut behind the last whole line', 'aa\nbb\ncc', 7, 'aa\nbb\n'],
  ['one long line', 'aaaaaaaa', 4, 'aaaa'],
])('%s', (_, text, limit, want) => expect(new TextDecoder().decode(cutToLines(bytes(text), limit))).toBe(want))

const table: FeedPlan = {
  format: 'table',
  parser: {
    version: 1,
    kind: 'table',
    dialect: { delimiter: ';', header: true, encoding: 'latin1' },
    fields: [
      { name: 'datum', from: 'Datum', type: 'time', layout: 'DD.MM.YYYY', role: 'time' },
      { name: 'kunde', from: 'Kunde', type: 'string', role: 'customer_id' },
      { name: 'betrag', from: 'Betrag', type: 'number' },
    ],
  },
}

test('letters of Latin-1 are read, and what is read is not read again', () => {
  expect(textOf(new Uint8Array([0x47, 0xfc]), table)).toBe('Gü')
  expect(forText(table).parser?.dialect).toEqual({ delimiter: ';', header: true })
  expect(table.parser?.dialect).toHaveProperty('encoding')
})

test('the kind in words', () => {
  expect(kindWords(table)).toBe('A table with semicolons between its cells, a line of titles, Latin-1 letters, 3 fields')
  expect(kindWords({ format: 'access' })).toBe('An access log of a web server')
})

test('a role is of one field only', () => {
  const fields = changeField(table, 2, { role: 'customer_id' }).parser!.fields!
  expect(fields.map(({ role }) => role)).toEqual(['time', undefined, 'customer_id'])
})

test('another type forgets how the old one was written', () => {
  expect(changeField(table, 0, { type: 'string' }).parser!.fields![0]).toEqual({ name: 'datum', from: 'Datum', type: 'string', role: 'time' })
})

test('what is taken back leaves nothing behind', () => {
  const once = changeField(table, 2, { exclude: true, normalise: ['upper', 'trim'] })
  expect(once.parser!.fields![2]).toMatchObject({ exclude: true, normalise: ['trim', 'upper'] })
  expect(changeField(once, 2, { exclude: false, normalise: [] })).toEqual(table)
})

test('what is wrong with fields', () => {
  const found = fieldProblems([
    { name: 'a', from: 'A', type: 'string' },
    { name: 'a', from: 'B', type: 'string' },
    { name: ' ', from: 'C', type: 'string' },
    { name: 't', from: 'T', type: 'time' },
  ])
  expect([...found.keys()]).toEqual([1, 2, 3])
  expect(fieldProblems(table.parser!.fields!).size).toBe(0)
})

test.each<[string, FeedPlan, number]>([
  ['what happened is missing', table, 1],
  ['nothing', { ...table, event: 'order_completed' }, 0],
  ['a field that is left out tells nothing', changeField({ ...table, event: 'x' }, 1, { exclude: true }), 1],
  ['an access log names visitors for the day', { format: 'access' }, 0],
  ['an access log that names nobody', { format: 'access', nameless: true }, 1],
])('%s', (_, plan, want) => expect(lacks(plan)).toHaveLength(want))

test.each([
  ['Orders 2026.csv', 'orders-2026'],
  ['/var/log/Käufe.log.gz', 'kaufe'],
  ['...', ''],
])('%s is %s', (typed, want) => expect(feedName(typed)).toBe(want))

test.each([
  ['orders-2', true],
  ['Orders', false],
  ['-a', false],
  ['new', false],
  ['propose', false],
])('%s may be a name: %s', (name, want) => expect(isFeedName(name)).toBe(want))

test('the command is safe to paste', () => {
  expect(ingestCommand('orders', 'http://localhost:8080', 'wk_1', "my file's.csv")).toBe(`aisle ingest -format feed:orders -to http://localhost:8080 -key wk_1 'my file'\\''s.csv'`)
  expect(ingestCommand('orders', 'http://x', undefined)).toBe('aisle ingest -format feed:orders -to http://x -key WRITE_KEY FILE')
})
