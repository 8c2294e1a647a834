/** Lengths of time as people write them: 90 s, 20 min, 2 h, 14 d, 1 h 30 min. */

const units: [name: string, ns: number, others: RegExp][] = [
  ['d', 86_400e9, /^(d|days?)$/],
  ['h', 3_600e9, /^(h|hours?)$/],
  ['min', 60e9, /^(m|min|minutes?)$/],
  ['s', 1e9, /^(s|sec|seconds?)$/],
]

/** How a length is written: in the largest unit that it is a whole number of, if there is one. */
export function spanText(ns: number | undefined): string {
  if (!ns) return ''
  const whole = units.find(([, unit]) => ns % unit === 0)
  if (whole) return `${ns / whole[1]} ${whole[0]}`
  const parts: string[] = []
  let rest = ns
  for (const [name, unit] of units) {
    const n = name === 's' ? Math.round((rest / unit) * 1000) / 1000 : Math.floor(rest / unit)
    if (n > 0) parts.push(`${n} ${name}`)
    rest -= n * unit
  }
  return parts.join(' ')
}

/** What was written, in nanoseconds; 0 for nothing, undefined for what is no length. */
export function spanOf(text: string): number | undefined {
  const trimmed = text.trim().toLowerCase()
  if (trimmed === '') return 0
  const pattern = /(\d+(?:[.,]\d+)?)\s*([a-z]+)\s*/gy
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
