import { t } from './words'

/** Times of a replay are milliseconds since 1970; it shows ten minutes. */
export const replayLength = 10 * 60_000

export const speeds = [1, 2, 4, 8] as const

/** Where a replay begins that the address asks for; nothing where that is no time. Whether it has passed, the server knows. */
export function replayFrom(asked: string | undefined): number | undefined {
  if (asked === undefined) return undefined
  const from = Date.parse(asked)
  return Number.isNaN(from) ? undefined : from
}

/** How the address says where a replay begins. */
export const replayAddress = (from: number) => new Date(Math.floor(from / 1_000) * 1_000).toISOString().replace('.000Z', 'Z')

/** Where a window of ten minutes begins that was moved, so that it does not end in the future. */
export const moved = (from: number, by: number, now: number) => Math.min(from + by, now - replayLength)

/** What a key does to the time that is shown, in seconds; nothing where it is no such key. */
export const keyStep = (key: string): number | undefined => ({ ArrowLeft: -5, ArrowRight: 5, PageDown: -60, PageUp: 60 })[key]

/** What the log has no more of what is shown, in words; nothing where it has all. */
export function missing(span: { positions_from?: string; decisions_from?: string } | undefined, from: number, until: number): string | undefined {
  if (!span) return undefined
  const gone = (since: string | undefined) => (since === undefined ? 'none' : Date.parse(since) >= until ? 'all' : Date.parse(since) > from ? 'some' : 'none')
  const positions = gone(span.positions_from)
  const decisions = gone(span.decisions_from)
  if (decisions === 'all') return t.replays.allGone
  if (positions === 'all') return t.replays.placesGone
  if (positions === 'some') return t.replays.placesPartly
  if (decisions === 'some') return t.replays.decisionsPartly
  return undefined
}
