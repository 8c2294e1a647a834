import { staleAfter, useLive } from '@aisle/api'
import { useNow } from './parts'
import { millis, span } from './format'

/** Whether what is shown is the shop as it is, and how old it is otherwise. */
export function LiveBadge() {
  const link = useLive((live) => live.link)
  const heard = useLive((live) => live.heard)
  const behindMs = useLive((live) => live.behindMs)
  const problem = useLive((live) => live.problem)
  const replayed = useLive((live) => live.replayed)
  const now = useNow()
  if (replayed !== undefined) return <span className="live" data-replay="">Replay</span>
  const age = heard === undefined ? undefined : now - heard

  if (age === undefined && link !== 'lost') {
    return <span className="live" data-stale="">Connecting…</span>
  }
  if (link === 'live' && age !== undefined && age < staleAfter) {
    return (
      <span className="live" aria-label="Live">
        <i className="live-dot" />
        Live
        <span className="num">{millis(behindMs ?? 0)} behind</span>
      </span>
    )
  }
  return (
    <span className="live" data-stale="" role="status" title={problem?.message}>
      <i className="live-dot" />
      {link === 'lost' ? 'Not connected' : 'No news'}
      <span className="num">{age === undefined ? 'trying again' : `shown as of ${span(Math.max(0, age))} ago`}</span>
    </span>
  )
}

/** Whether what is shown is too old to be taken for now. */
export function useStale(): boolean {
  const heard = useLive((live) => live.heard)
  const link = useLive((live) => live.link)
  const now = useNow(2_000)
  return heard !== undefined && (link === 'lost' || now - heard > staleAfter)
}
