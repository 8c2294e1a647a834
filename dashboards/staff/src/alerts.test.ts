import type { Alert } from '@aisle/api'
import { expect, test } from 'vitest'
import { alertLink, openAlerts, worst } from './alerts'

const alert = (id: string, severity: Alert['severity'], seen = false): Alert => ({
  id, kind: 'camera', severity, text: id, do: '', since: '2026-03-02T10:00:00Z', ...(seen && { acknowledged: { by: 'Noa', at: '2026-03-02T10:01:00Z' } }),
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
