import { expect, test } from 'vitest'
import type { Consent, Me, Purpose } from './api'
import { granted, withConsent } from './me'

const answer = (purpose: Purpose, granted: boolean): Consent => ({ purpose, granted, at: '2026-11-21T12:00:00Z', source: 'app' })

const me: Me = {
  shopper: 's1',
  consents: [answer('push', true), answer('search', false), answer('face', true)],
  face: { enrolled: true },
}

test('an answer takes the place of the one before, and of no other', () => {
  const after = withConsent(me, answer('search', true))
  expect(granted(after, 'search')).toBe(true)
  expect(granted(after, 'push')).toBe(true)
  expect(after.face.enrolled).toBe(true)
})

test('a no to being recognised forgets the face', () => {
  expect(withConsent(me, answer('face', false)).face).toEqual({ enrolled: false })
})

test('no answer is a no', () => {
  expect(granted(me, 'location')).toBe(false)
})
