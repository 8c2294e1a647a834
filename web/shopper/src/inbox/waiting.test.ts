import { expect, test } from 'vitest'
import type { Message } from '../api'
import { waiting } from './waiting'

const message = (decision: string, channel: string, state: Message['state'] = 'sent') => ({ decision, channel, state, title: '', cost: 0, at: '2026-11-22T09:00:00Z' }) as Message

test('what came since waits, and what is shown keeps its place and says what became of it', () => {
  const shown = [message('1', 'sms'), message('1', 'app')]
  const latest = [message('2', 'app'), message('1', 'app'), message('1', 'sms', 'delivered')]
  expect(waiting(shown, latest)).toEqual({ shown: [message('1', 'sms', 'delivered'), message('1', 'app')], more: 1 })
})

test('the same decision by another channel is another message', () => {
  expect(waiting([message('1', 'app')], [message('1', 'app'), message('1', 'sms')]).more).toBe(1)
})

test('what the shop lists no longer stays while it is shown', () => {
  expect(waiting([message('1', 'app')], [])).toEqual({ shown: [message('1', 'app')], more: 0 })
})
