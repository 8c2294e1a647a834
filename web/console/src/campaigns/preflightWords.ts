import type { Preflight, PreflightAmount } from '@aisle/api'
import { count, exclusionWord, money, plural, toMinor } from '@aisle/ui'

/** An amount of major units as people write it, with its sign where that says something. */
export function amount(major: number, currency: string, sign = false): string {
  const text = money({ minor: toMinor(Math.abs(major), currency), currency })
  if (major < 0) return `−${text}`
  return sign && major > 0 ? `+${text}` : text
}

export const range = ({ low, high }: PreflightAmount, currency: string, sign = false) => `${amount(low, currency, sign)} to ${amount(high, currency, sign)}`

/** How many more or less, with a true minus. */
export const difference = (n: number) => `${n < 0 ? '−' : n > 0 ? '+' : ''}${count(Math.abs(n))}`

/** Why somebody does not get it. */
export const reasonWord = (out: string) => (out === 'outdone' ? 'Another offer was drawn' : exclusionWord(out))

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
      return { tone: 'good', title: 'By the house’s own decisions it earns more', reason }
    case 'worse':
      return { tone: 'bad', title: 'By the house’s own decisions it earns less', reason }
    case 'unclear':
      return { tone: 'plain', title: 'By the house’s own decisions it makes no difference that could be told', reason }
    default:
      return {
        tone: 'bad',
        title: 'The house’s own decisions cannot tell',
        reason,
        advice:
          (report?.unsupported ?? 0) > 0.05
            ? 'An offer that nobody could get has no past. What the model expects of it, below, is a guess. Send it live with some shoppers held out, and the results will tell.'
            : 'What the model expects, below, is all there is to go by. More days, or more shoppers, make it tell.',
      }
  }
}

/** How much of the past a preflight has seen. */
export function coveredWords({ covered: { events, decisions, partitions, of, bounded, timed_out } }: Preflight): string {
  const parts = [`${count(events)} events and ${plural(decisions, 'decision')} were read`]
  if (bounded) parts.push('the log holds older ones that were not')
  if (timed_out) parts.push(`it took too long, so that only ${partitions} of ${of} parts of the shoppers are whole`)
  return `${parts.join('; ')}.`
}

/** Others' campaigns that change, those that lose most first. */
export const displaced = ({ others }: Preflight) => others.filter((other) => other.with !== other.without)
