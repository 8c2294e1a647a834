import { afterEach, expect, test, vi } from 'vitest'
import { now, send } from './api'

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const answering = (headers: HeadersInit) => vi.stubGlobal('fetch', () => Promise.resolve(new Response('{}', { headers })))

test('the time is the shop’s where the phone’s clock is wrong, and the phone’s where the shop says none', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-11-22T09:00:00Z'), toFake: ['Date'] })
  answering({ Date: 'Sun, 22 Nov 2026 08:00:00 GMT' })
  await send('GET', '/api/me')
  expect(new Date(now()).toISOString()).toBe('2026-11-22T08:00:00.000Z')
  answering({})
  await send('GET', '/api/me')
  expect(new Date(now()).toISOString()).toBe('2026-11-22T09:00:00.000Z')
})
