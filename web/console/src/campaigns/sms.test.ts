import { describe, expect, test } from 'vitest'
import { preview, segments, unfilled, unknownPlaceholders } from './sms'

describe('segments', () => {
  test.each([
    { name: 'empty', text: '', want: { letters: 0, segments: 1, left: 160, encoding: 'GSM-7' } },
    { name: 'one, full', text: 'a'.repeat(160), want: { letters: 160, segments: 1, left: 0, encoding: 'GSM-7' } },
    { name: 'two begin at 161', text: 'a'.repeat(161), want: { letters: 161, segments: 2, left: 145, encoding: 'GSM-7' } },
    { name: 'the euro takes two letters', text: '€', want: { letters: 2, segments: 1, left: 158, encoding: 'GSM-7' } },
    { name: 'the euro is not cut in two', text: `${'a'.repeat(152)}€${'a'.repeat(10)}`, want: { letters: 164, segments: 2, left: 141, encoding: 'GSM-7' } },
    { name: 'one odd letter halves it', text: 'a”', want: { letters: 2, segments: 1, left: 68, encoding: 'UCS-2', odd: '”' } },
    { name: 'two of them begin at 71', text: 'ś'.repeat(71), want: { letters: 71, segments: 2, left: 63, encoding: 'UCS-2', odd: 'ś' } },
    { name: 'an emoji is two units and stays whole', text: `${'ś'.repeat(66)}😀${'ś'.repeat(10)}`, want: { letters: 78, segments: 2, left: 55, encoding: 'UCS-2', odd: 'ś' } },
  ])('$name', ({ text, want }) => expect(segments(text)).toEqual(want))
})

const values = { title: '20% off', shop: 'Centraal', zone: 'Footwear', value: '', discount: '20%' }

test('a preview fills in what it knows', () => {
  expect(preview('Hi {{name}}, {{ title }} at {{shop}}, {{zone}}: {{code}}. {{colour}} {{value}}', values)).toBe('Hi Noor, 20% off at Centraal, Footwear: 7KQ2M4XB. {{colour}} {{value}}')
})

test.each([
  { template: '{{name}} {{colour}} {{ }}', unknown: ['colour', ''], empty: [] },
  { template: '{{first name}} {{zone}} {{link}} {{until}}', unknown: ['first name'], empty: [] },
  { template: 'Hi {{name', unknown: ['name'], empty: [] },
  { template: '{{value}} off, {{discount}}, {{ value }}', unknown: [], empty: ['value'] },
])('$template names $unknown that nobody knows, and $empty without a value', ({ template, unknown, empty }) => {
  expect(unknownPlaceholders(template)).toEqual(unknown)
  expect(unfilled(template, values)).toEqual(empty)
})
