import type { Purpose } from '../api'

/** What is asked on joining, in this order. Without a number nothing is asked about texts. Of e-mail we ask who has given us an address. */
export function questions(phone: string): Purpose[] {
  const all: Purpose[] = ['push', 'sms', 'search', 'location', 'face']
  return asPhone(phone) ? all : all.filter((purpose) => purpose !== 'sms')
}

/** A number as E.164, or undefined if it is none. The shop checks it further. */
export function asPhone(text: string): string | undefined {
  const digits = text.replace(/[\s().-]/g, '').replace(/^00/, '+')
  return /^\+[1-9]\d{6,14}$/.test(digits) ? digits : undefined
}
