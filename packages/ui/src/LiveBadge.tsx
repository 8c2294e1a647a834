import { staleAfter, useLive } from '@aisle/api'
import { useNow } from './parts'
import { ago, millis } from './format'
import { spoken } from './spoken'

/** Whether what is shown is the shop as it is, and how old it is otherwise. */
export function LiveBadge() {
  const link = useLive((live) => live.link)
  const heard = useLive((live) => live.heard)
  const behindMs = useLive((live) => live.behindMs)
  const problem = useLive((live) => live.problem)
  const replayed = useLive((live) => live.replayed)
  const now = useNow()
  const says = spoken.live
  if (replayed !== undefined) return <span className="live" data-replay="">{says.replay}</span>
  const age = heard === undefined ? undefined : now - heard

  if (age === undefined && link !== 'lost') {
    return <span className="live" data-stale="">{says.connecting}</span>
  }
  if (link === 'live' && age !== undefined && age < staleAfter) {
    return (
      <span className="live" aria-label={says.live}>
        <i className="live-dot" />
        {says.live}
        <span className="num">{says.behind(millis(behindMs ?? 0))}</span>
      </span>
    )
  }
  return (
    <span className="live" data-stale="" role="status" title={problem?.message}>
      <i className="live-dot" />
      {link === 'lost' ? says.lost : says.silent}
      <span className="num">{heard === undefined ? says.trying : says.asOf(ago(heard, now))}</span>
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
