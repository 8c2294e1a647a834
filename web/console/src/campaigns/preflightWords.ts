import type { Preflight, PreflightAmount } from '@aisle/api'
import { count, exclusionWord, money, toMinor } from '@aisle/ui'
import { t } from './words'

/** An amount of major units as people write it, with its sign where that says something. */
export function amount(major: number, currency: string, sign = false): string {
  const text = money({ minor: toMinor(Math.abs(major), currency), currency })
  if (major < 0) return `−${text}`
  return sign && major > 0 ? `+${text}` : text
}

export const range = ({ low, high }: PreflightAmount, currency: string, sign = false) => t.preflight.range(amount(low, currency, sign), amount(high, currency, sign))

/** How many more or less, with a true minus. */
export const difference = (n: number) => `${n < 0 ? '−' : n > 0 ? '+' : ''}${count(Math.abs(n))}`

/** Why somebody does not get it. */
export const reasonWord = (out: string) => (out === 'outdone' ? t.preflight.outdone : exclusionWord(out))

export interface Verdict {
  tone: 'good' | 'bad' | 'plain'
  title: string
  reason: string
  /** What can be done where the log cannot tell. */
  advice?: string
}

/** What the house's own decisions say, for somebody who has to decide. */
export function verdictOf({ judged: { conclusion, report } }: Preflight): Verdict {
  const { finding, reason } = conclusion
  switch (finding) {
    case 'better':
      return { tone: 'good', title: t.preflight.better, reason }
    case 'worse':
      return { tone: 'bad', title: t.preflight.worse, reason }
    case 'unclear':
      return { tone: 'plain', title: t.preflight.unclear, reason }
    default:
      return {
        tone: 'bad',
        title: t.preflight.cannotTell,
        reason,
        advice:
          (report?.unsupported ?? 0) > 0.05
            ? t.preflight.noPast
            : t.preflight.tooLittle,
      }
  }
}

/** How much of the past a preflight has seen. */
export function coveredWords({ covered: { events, decisions, partitions, of, bounded, timed_out } }: Preflight): string {
  const parts = [t.preflight.covered(count(events), decisions)]
  if (bounded) parts.push(t.preflight.bounded)
  if (timed_out) parts.push(t.preflight.timedOut(partitions, of))
  return `${parts.join('; ')}.`
}

/** Others' campaigns that change, those that lose most first. */
export const displaced = ({ others }: Preflight) => others.filter((other) => other.with !== other.without)
