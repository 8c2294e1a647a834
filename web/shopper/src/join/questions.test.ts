import { describe, expect, test } from 'vitest'
import { asPhone, questions } from './questions'

describe('asPhone', () => {
  test.each([
    ['+31 6 12345678', '+31612345678'],
    ['0031 (6) 1234-5678', '+31612345678'],
    ['+1.415.555.0100', '+14155550100'],
    ['06 12345678', undefined],
    ['+0 12345678', undefined],
    ['+31', undefined],
    ['call me', undefined],
    ['', undefined],
  ])('%s', (text, want) => {
    expect(asPhone(text)).toBe(want)
  })
})

test('texts are asked about only if there is a number to send them to', () => {
  expect(questions('+31612345678')).toContain('sms')
  expect(questions('')).toEqual(['push', 'search', 'location', 'face'])
})
