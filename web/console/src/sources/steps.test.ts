import type { MappingStep } from '@aisle/api'
import { expect, test } from 'vitest'
import { cleaned, missing, moved, sameSteps, sentenceOf, stepErrors, stepOf, valueOf, wholeSteps } from './steps'

test.each<[MappingStep, string]>([
  [{ do: 'rename_event', event: 'Artikel Gekauft', to: 'order_completed' }, 'The event “Artikel Gekauft” is called “order_completed”.'],
  [{ do: 'move', field: 'betrag', to: 'total' }, 'The field “betrag” is “total” in every event, unless there is one already.'],
  [{ do: 'default', field: 'currency', value: 'EUR', event: 'ordered' }, 'Where the field “currency” is missing in “ordered”, it is “EUR”.'],
  [{ do: 'default', field: 'quantity', value: 1 }, 'Where the field “quantity” is missing in every event, it is 1.'],
  [{ do: 'convert', field: 'at', as: 'time', layout: 'DD.MM.YYYY', zone: 'Europe/Berlin' }, 'The field “at” becomes a time in every event, read as DD.MM.YYYY, in Europe/Berlin.'],
  [{ do: 'normalise', field: 'currency', how: 'upper' }, 'The text “currency” is written in capitals in every event.'],
  [{ do: 'exclude', field: 'note' }, 'The field “note” is left out in every event.'],
  [{ do: 'drop_event', event: 'Heartbeat' }, 'The event “Heartbeat” is left out, whole.'],
  [{ do: 'move' }, 'The field … is … in every event, unless there is one already.'],
])('%j in words', (step, want) => expect(sentenceOf(step)).toBe(want))

test.each<[MappingStep, string[]]>([
  [{ do: 'rename_event', event: ' ' }, ['event', 'to']],
  [{ do: 'default', field: 'a' }, ['value']],
  [{ do: 'default', field: 'a', value: false }, []],
  [{ do: 'default', field: 'a', value: '' }, []],
  [{ do: 'exclude' }, ['field']],
])('%j needs %j', (step, want) => expect(missing(step)).toEqual(want))

test('only what the kind has is sent', () => {
  expect(cleaned({ do: 'convert', field: ' a ', as: 'number', layout: 'x', zone: 'y', to: 'z' })).toEqual({ do: 'convert', field: 'a', as: 'number' })
  expect(cleaned({ do: 'convert', field: 'a', as: 'time', layout: 'unix' })).toEqual({ do: 'convert', field: 'a', as: 'time', layout: 'unix' })
  expect(cleaned({ do: 'default', field: 'a', value: ' x ', event: '' })).toEqual({ do: 'default', field: 'a', value: ' x ' })
})

test('nothing is sent while a step is not whole', () => {
  expect(wholeSteps([{ do: 'exclude', field: 'a' }, { do: 'move', field: 'b' }])).toBeUndefined()
  expect(wholeSteps([])).toEqual([])
})

test('a step of another kind keeps what both have', () => {
  expect(stepOf('convert', { do: 'move', event: 'e', field: 'f', to: 't' })).toEqual({ do: 'convert', as: 'number', event: 'e', field: 'f' })
  expect(stepOf('drop_event', { do: 'exclude', field: 'f' })).toEqual({ do: 'drop_event' })
})

test.each([
  [0, 2, ['b', 'c', 'a']],
  [2, 0, ['c', 'a', 'b']],
  [1, 1, ['a', 'b', 'c']],
  [0, -1, ['a', 'b', 'c']],
  [2, 3, ['a', 'b', 'c']],
])('from %i to %i', (from, to, want) => expect(moved(['a', 'b', 'c'], from, to)).toEqual(want))

test('the same steps are the same whatever else they carry', () => {
  expect(sameSteps([{ do: 'exclude', field: 'a', to: '' }], [{ do: 'exclude', field: 'a' }])).toBe(true)
  expect(sameSteps([{ do: 'exclude', field: 'a' }], [])).toBe(false)
})

test('what the server has against a step stands beside it', () => {
  const { at, rest } = stepErrors({ 'steps.1.to': 'is missing', 'steps.1.field': 'too long', note: 'at most 500 characters' })
  expect([...at]).toEqual([[1, 'new name: is missing; field: too long']])
  expect(rest).toEqual(['at most 500 characters'])
})

test.each([
  ['12', 'text', '12'],
  ['12,5', 'number', 12.5],
  ['x', 'number', undefined],
  ['', 'number', undefined],
  ['true', 'boolean', true],
] as const)('%s as %s', (typed, type, want) => expect(valueOf(typed, type)).toBe(want))
