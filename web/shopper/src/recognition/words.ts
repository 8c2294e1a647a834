import type { Verdict } from './verify'

/** What the check of the shop's signature found. */
export function checkedWords(verdict: Verdict, key: string): string {
  switch (verdict) {
    case 'right':
      return `The signature was checked on this phone, with the shop’s public key ${key}: it is right.`
    case 'wrong':
      return `The signature does not fit the shop’s public key ${key}. Show this to the shop.`
    case 'unable':
      return `This browser cannot check signatures. The file can be checked anywhere, with the shop’s public key ${key}.`
  }
}

/** Why a face was deleted. */
export function whyWords(why: string): string {
  if (why === 'app') return 'in this app'
  if (why === 'console') return 'at the desk'
  if (why === 'expiry') return 'because its time was over'
  if (why.startsWith('sms')) return 'by text message'
  return why
}

/** A day, as people write it. */
export const dayOf = (time: string, locale?: string) => new Date(time).toLocaleDateString(locale, { day: 'numeric', month: 'long', year: 'numeric' })
