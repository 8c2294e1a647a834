import { describe, expect, test } from 'vitest'
import { preview, segments, unknownPlaceholders } from './sms'

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

test('a preview fills in what it knows', () => {
  expect(preview('Hi {{name}}, {{ title }} at {{shop}}: {{code}}. {{colour}}', { title: '20% off', shop: 'Centraal' })).toBe(
    'Hi Noor, 20% off at Centraal: 7KQ2M4XB. {{colour}}',
  )
})

test('names that nobody knows are found', () => {
  expect(unknownPlaceholders('{{name}} {{colour}} {{ }}')).toEqual(['colour', ''])
})
