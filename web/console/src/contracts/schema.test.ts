import { expect, test } from 'vitest'
import { checkWords, nameOf, placeIn, readSchema, schemaText } from './schema'

test('a schema is an object', () => {
  expect(readSchema('{"type":"object"}')).toEqual({ schema: { type: 'object' } })
  expect(readSchema('[]').wrong?.says).toContain('is an object')
  expect(readSchema('{"a":}').wrong?.at).toBe(5)
})

const text = schemaText({ type: 'object', properties: { price: { type: 'nummer' } } })
test.each([
  ['/properties/price/type', '"type"'],
  ['/properties/price/type/0', '"type"'],
  ['/properties/colour/type', '"properties"'],
])('%s is found', (pointer, want) => {
  const { from, to } = placeIn(text, pointer)
  expect(text.slice(from, to)).toBe(want)
  expect(from).toBe(pointer.includes('price') ? text.lastIndexOf('"type"') : text.indexOf('"properties"'))
})

test.each([undefined, '', '/nowhere'])('%s is the beginning', (pointer) => expect(placeIn(text, pointer)).toEqual({ from: 0, to: 0 }))

test.each([
  [{ tested: 0, failed: 0 }, 'No event of that name is remembered, so nothing could be tried.'],
  [{ tested: 1, failed: 0 }, 'All of the last one event would pass.'],
  [{ tested: 1200, failed: 0 }, 'All of the last 1,200 events would pass.'],
  [{ tested: 500, failed: 3 }, 'Would have failed 3 of the last 500 events.'],
])('%j', (checked, want) => expect(checkWords(checked)).toBe(want))

test.each([
  ['Product Viewed', 'product_viewed'],
  ['productViewed', 'product_viewed'],
  [' product-viewed! ', 'product_viewed'],
  ['Artikel Gekauft', 'artikel_gekauft'],
])('%s is %s', (typed, want) => expect(nameOf(typed)).toEqual({ name: want }))

test('an event needs a name', () => expect(nameOf(' !').wrong).toBeDefined())
