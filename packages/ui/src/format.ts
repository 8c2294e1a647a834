import { locale, spoken } from './spoken'

/** How numbers, times and amounts are written, everywhere alike, as the language that is spoken has it. */

/** Made once for each language. */
function written<F>(make: (locale: string) => F): () => F {
  let made: { locale: string; format: F } | undefined
  return () => {
    if (made?.locale !== locale) made = { locale, format: make(locale) }
    return made.format
  }
}

const whole = written((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }))
const short = written((locale) => new Intl.NumberFormat(locale, { maximumFractionDigits: 1, notation: 'compact' }))
const exactly = written((locale) => [0, 1, 2, 3].map((digits) => new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits })))
const shares = written((locale) => [0, 1, 2].map((digits) => new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: digits, maximumFractionDigits: digits })))

const meaning = written((locale) => ({ 2: new Intl.NumberFormat(locale, { maximumSignificantDigits: 2 }), 3: new Intl.NumberFormat(locale, { maximumSignificantDigits: 3 }) }))

/** What stands before the part of one, where people type a number: . or , */
export const decimalSign = () => exactly()[1]!.formatToParts(0.5).find(({ type }) => type === 'decimal')?.value ?? '.'

/** 1,287 */
export const count = (n: number) => whole().format(n)

/** 1.3K from ten thousand on */
export const compact = (n: number) => (n < 10_000 ? count(n) : short().format(n))

/** With so many digits after the point, at most three: 0.50 */
export const fixed = (n: number, digits: number) => exactly()[digits]!.format(n)

/** 22.6% of a share from 0 to 1, with at most two digits; whole numbers where `digits` is 0 */
export const percent = (share: number, digits = 1) => shares()[digits]!.format(share)

/** 0.0123 as 0.012: three digits that mean something */
export const decimal = (n: number) => (Math.abs(n) >= 100 ? count(n) : meaning()[Math.abs(n) >= 1 ? 3 : 2].format(n))

/** 41 ms, 1.24 s, 3 min 20 s */
export function millis(ms: number): string {
  const { units } = spoken
  if (ms < 1_000) return units.ms(count(Math.round(ms)))
  if (ms < 10_000) return units.s(fixed(ms / 1_000, 2))
  if (ms < 60_000) return units.s(fixed(ms / 1_000, 1))
  return span(ms)
}

/** 42 s, 1 min 42 s, 2 h 5 min, 3 days: two units at most */
export function span(ms: number): string {
  const { units } = spoken
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return units.s(count(seconds))
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return units.min(count(minutes)) + (seconds % 60 ? ` ${units.s(count(seconds % 60))}` : '')
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return units.h(count(hours)) + (minutes % 60 ? ` ${units.min(count(minutes % 60))}` : '')
  return units.days(Math.floor(hours / 24))
}

/** The API's nanoseconds. */
export const fromNanos = (ns: number) => ns / 1e6
export const toNanos = (ms: number) => Math.round(ms * 1e6)

/** now, 42 s ago, 5 min ago, 3 h ago, 2 days ago */
export function ago(time: string | number, now: number): string {
  const { units } = spoken
  const ms = now - (typeof time === 'string' ? Date.parse(time) : time)
  if (ms < 2_000) return units.now
  if (ms < 60_000) return units.ago(units.s(count(Math.floor(ms / 1_000))))
  if (ms < 3_600_000) return units.ago(units.min(count(Math.floor(ms / 60_000))))
  if (ms < 172_800_000) return units.ago(units.h(count(Math.floor(ms / 3_600_000))))
  return units.ago(units.days(Math.floor(ms / 86_400_000)))
}

const zoned = (options: Intl.DateTimeFormatOptions) => {
  const formats = written(() => new Map<string, Intl.DateTimeFormat>())
  return (time: string | number | Date, zone = '') => {
    const known = formats()
    let format = known.get(zone)
    if (!format) {
      format = new Intl.DateTimeFormat(locale, zone ? { ...options, timeZone: zone } : options)
      known.set(zone, format)
    }
    return format.format(typeof time === 'string' ? new Date(time) : time)
  }
}

/** 10:31:05, in the zone if one is given */
export const clock = zoned({ hour: '2-digit', minute: '2-digit', second: '2-digit' })

/** 10:31 */
export const hourMinute = zoned({ hour: '2-digit', minute: '2-digit' })

/** 10:31:05.041 */
export const clockMillis = zoned({ hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })

/** 2 Mar 2026, 10:31 */
export const dateTime = zoned({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' })

/** 2 Mar */
export const day = zoned({ day: 'numeric', month: 'short' })

/** 08:30 of minutes after midnight */
export const minuteOfDay = (minute: number) =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** How many decimals a currency has (ISO 4217): 2 of EUR, none of JPY, 3 of KWD. One that is not known has two. */
export function minorDigits(currency: string | undefined): number {
  if (!currency) return 2
  try {
    return new Intl.NumberFormat(locale, { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
  } catch {
    return 2 // no three letters
  }
}

/** Major units, as people write amounts, of the API's minor units; and back. */
export const toMajor = (minor: number, currency: string | undefined) => minor / 10 ** minorDigits(currency)
export const toMinor = (major: number, currency: string | undefined) => Math.round(major * 10 ** minorDigits(currency))

/** €12.50 of minor units; amounts without a currency are plain numbers */
export function money({ minor, currency }: { minor: number; currency?: string }): string {
  const major = toMajor(minor, currency)
  if (!currency) return count(major)
  return new Intl.NumberFormat(locale, { style: 'currency', currency, ...(Number.isInteger(major) && { maximumFractionDigits: 0 }) }).format(major)
}

/** +12.4% against before; nothing where there was nothing to compare with */
export function change(now: number, before: number | undefined): string | undefined {
  if (before === undefined || before === 0) return undefined
  return `${signed((now / before - 1) * 100)}%`
}

/** +1.8 pt between two shares */
export function points(now: number, before: number | undefined): string | undefined {
  if (before === undefined) return undefined
  return spoken.units.pt(signed((now - before) * 100))
}

/** With a true minus; what rounds to nought is ±0.0 */
function signed(n: number): string {
  const size = Math.abs(n)
  return `${size < 0.05 ? '±' : n < 0 ? '−' : '+'}${fixed(size, 1)}`
}

/** Whether more is better or worse than it was; nothing where it is the same. */
export const tendency = (change: string | undefined): 'good' | 'bad' | undefined =>
  change?.startsWith('+') ? 'good' : change?.startsWith('−') ? 'bad' : undefined

/** Snake case as words: `zone_dwelled` is "Zone dwelled". */
export function spaced(name: string): string {
  const text = name.replaceAll(/[_.]+/g, ' ').trim()
  return text.charAt(0).toUpperCase() + text.slice(1)
}
