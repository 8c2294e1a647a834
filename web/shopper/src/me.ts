import type { Consent, Me, Purpose } from './api'

/** Me, with this answer in place of the one before. A no to being recognised also forgets the face. */
export function withConsent(me: Me, consent: Consent): Me {
  return {
    ...me,
    consents: me.consents.map((c) => (c.purpose === consent.purpose ? consent : c)),
    face: consent.purpose === 'face' && !consent.granted ? { enrolled: false } : me.face,
  }
}

export const granted = (me: Me, purpose: Purpose) =>
  me.consents.some((consent) => consent.purpose === purpose && consent.granted)
