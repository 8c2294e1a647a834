import type { Alert } from '@aisle/api'
import { expect, test } from 'vitest'
import { alertLink, openAlerts, told, worst } from './alerts'

const alert = (id: string, severity: Alert['severity'], seen = false): Alert => ({
  id, kind: 'camera', severity, says: 'camera_stalled', values: {}, text: id, do: '', since: '2026-03-02T10:00:00Z', ...(seen && { acknowledged: { by: 'Noa', at: '2026-03-02T10:01:00Z' } }),
})

test.each([
  ['none', [], undefined],
  ['the severe one', [alert('slow', 'mild'), alert('silent', 'severe')], 'silent'],
  ['not what is seen to', [alert('silent', 'severe', true), alert('slow', 'mild')], 'slow'],
  ['all are seen to', [alert('silent', 'severe', true)], undefined],
])('the worst: %s', (_, alerts, want) => expect(worst(alerts)?.id).toBe(want))

test('open are those that nobody has seen to', () => {
  expect(openAlerts([alert('a', 'mild', true), alert('b', 'mild')]).map(({ id }) => id)).toEqual(['b'])
})

test.each([
  ['camera', '/console/cameras'],
  ['receiver', '/console/shops/a%20b'],
  ['quarantine', '/console/quarantine'],
  ['lag', '/console/system'],
] as const)('a %s leads to %s', (kind, want) => expect(alertLink({ kind }, 'a b')).toBe(want))

test.each([
  ['receiver_silent', 'receiver', { silent_s: 185 }, 'Receiver x is silent: nothing was heard of it for 3 min 5 s.'],
  ['receiver_clock', 'receiver', { ahead_s: -7 }, 'The clock of receiver x is 7 s off.'],
  ['quarantine_rising', 'quarantine', { count: 12 }, '12 records were put aside within five minutes, most of them from x.'],
  ['offers_slow', 'latency', { p95_ms: 612 }, 'One in twenty offers takes longer than 612 ms to the phone.'],
] as const)('%s is told with its numbers', (says, kind, values, want) => {
  expect(told({ ...alert('x', 'mild'), kind, says, values, subject: 'x' })).toMatchObject({ text: want, foreign: false })
})

test('messages that fail are told by their channel’s name', () => {
  const failing = { ...alert('x', 'severe'), kind: 'sender', says: 'sender_failing', values: { count: 3, of: 5 }, subject: 'sms' } as const
  expect(told(failing).text).toBe('3 of 5 messages by SMS failed within five minutes.')
})

test('what a newer house says is told in its own English', () => {
  const later = { ...alert('The roof leaks.', 'severe'), says: 'roof_leaks' as Alert['says'], do: 'Call somebody.' }
  expect(told(later)).toEqual({ text: 'The roof leaks.', todo: 'Call somebody.', foreign: true })
})
