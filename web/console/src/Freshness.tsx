import { span, useNow } from '@aisle/ui'
import { t } from './words'

interface Asked {
  error: unknown
  data: unknown
  dataUpdatedAt: number
}

/** Nothing while what is shown is fresh; its age, in amber, once it could not be asked for again. */
export function Freshness({ of: { error, data, dataUpdatedAt } }: { of: Asked }) {
  const now = useNow(5_000)
  if (!error || data === undefined) return null
  return (
    <span className="live" data-stale="" role="status">
      <i className="live-dot" />
      {t.stale.notAnew}
      <span className="num">{t.stale.asOf(span(Math.max(0, now - dataUpdatedAt)))}</span>
    </span>
  )
}
