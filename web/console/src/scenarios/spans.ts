import { t } from './words'

/** Lengths of time as people write them: 90 s, 20 min, 2 h, 14 d, 1 h 30 min. They are read in every language of the console. */

const units: [name: string, ns: number, others: RegExp][] = [
  [t.step.units.d, 86_400e9, /^(d|days?|dag|dagen|ي|يوم|يوما|يومين|ايام)$/],
  [t.step.units.h, 3_600e9, /^(h|hours?|u|uur|uren|س|ساعة|ساعتين|ساعات)$/],
  [t.step.units.min, 60e9, /^(m|min|minutes?|minuut|minuten|د|دقيقة|دقيقتين|دقائق)$/],
  [t.step.units.s, 1e9, /^(s|sec|seconds?|seconden?|ث|ثانية|ثانيتين|ثوان|ثواني)$/],
]

/** How a length is written: in the largest unit that it is a whole number of, if there is one. */
export function spanText(ns: number | undefined): string {
  if (!ns) return ''
  const whole = units.find(([, unit]) => ns % unit === 0)
  if (whole) return `${ns / whole[1]} ${whole[0]}`
  const parts: string[] = []
  let rest = ns
  for (const [name, unit] of units) {
    const n = unit === 1e9 ? Math.round((rest / unit) * 1000) / 1000 : Math.floor(rest / unit)
    if (n > 0) parts.push(`${n} ${name}`)
    rest -= n * unit
  }
  return parts.join(' ')
}

/** A text with one form of each letter and digit: Arabic has marks above letters, and digits of its own. */
const plain = (text: string) => text.trim().toLowerCase().normalize('NFD').replaceAll(/\p{M}/gu, '').replaceAll(/[٠-٩]/g, (digit) => `${digit.charCodeAt(0) - 0x660}`)

/** What was written, in nanoseconds; 0 for nothing, undefined for what is no length. */
export function spanOf(text: string): number | undefined {
  const trimmed = plain(text)
  if (trimmed === '') return 0
  const pattern = /(\d+(?:[.,]\d+)?)\s*(\p{L}+)\s*/gyu
  let ns = 0
  let at = 0
  for (let found = pattern.exec(trimmed); found; found = pattern.exec(trimmed)) {
    const unit = units.find(([, , others]) => others.test(found[2]!))
    if (!unit) return undefined
    ns += Number(found[1]!.replace(',', '.')) * unit[1]
    at = pattern.lastIndex
  }
  return at === trimmed.length && ns > 0 ? Math.round(ns) : undefined
}
