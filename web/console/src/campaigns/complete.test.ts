import { describe, expect, it } from 'vitest'
import { complete, wordAt } from './complete'

const fields = [
  { name: 'zone', type: 'text', doc: 'The zone', values: ['bakery', 'footwear'] },
  { name: 'zone_category', type: 'text', doc: 'Its goods', values: ['bread'] },
  { name: 'hour', type: 'number', doc: 'The hour' },
  { name: 'event.query', type: 'text', doc: 'What they searched for' },
  { name: 'searches', type: 'numbers by category', doc: 'Searches', values: ['cycling', 'footwear'] },
]

/** What is offered where | stands, and what is left once the first is taken. */
function at(rule: string, asked = false) {
  const caret = rule.indexOf('|')
  const text = rule.replace('|', '')
  const found = complete(fields, text, caret, asked)
  if (!found) return []
  const { from, to, list } = found
  return [...list.map(({ label }) => label), text.slice(0, from) + list[0]!.insert + text.slice(to)]
}

describe('what could stand at the caret', () => {
  it.each<[string, string, string[]]>([
    ['a field by how it begins', 'zo|', ['zone', 'zone_category', 'zone']],
    ['a field by what it holds', 'hour > 9 && quer|', ['event.query', 'hour > 9 && event.query']],
    ['a field with a dot', 'event.q|', ['event.query', 'event.query']],
    ['the one of several numbers', 'sear| > 2', ['searches', 'searches[" > 2']],
    ['a key', 'searches["f|"] > 2', ['footwear', 'searches["footwear"] > 2']],
    ['a value', 'zone == "|', ['bakery', 'footwear', 'zone == "bakery"']],
    ['a value in single quotes', "zone != 'foo|", ['footwear', "zone != 'footwear'"]],
    ['the second of a list', 'zone in ["bakery", "f|"]', ['footwear', 'zone in ["bakery", "footwear"]']],
    ['what can be asked of a text', 'zone.st|', ['startsWith', 'zone.startsWith("']],
    ['a value of that', 'zone.startsWith("ba|")', ['bakery', 'zone.startsWith("bakery")']],
    ['nothing of what is whole', 'hour|', []],
    ['nothing of a number', 'hour > 1|', []],
    ['nothing in a text of nothing', '"zo|', []],
    ['nothing unasked', '|', []],
  ])('%s', (_, rule, want) => expect(at(rule)).toEqual(want))
  it('is everything, if it is asked for', () => expect(at('hour > 9 && |', true).slice(0, 2)).toEqual(['zone', 'zone_category']))
})

describe('what is wrong at a place', () => {
  it.each<[string, number, string]>([
    ['teir == 1', 0, 'teir'],
    ['zone == 1', 5, '='],
    ['zone == "a b" + 1', 8, '"a b"'],
    ['zone ==  ', 9, '='],
    ['', 0, ''],
  ])('%j at %d', (text, place, want) => expect(text.slice(...wordAt(text, place))).toBe(want))
})
