import { useLive, type DecisionSummary } from '@aisle/api'
import { clock, decisionState, Empty, millis, Skeleton, Status } from '@aisle/ui'
import { useMemo } from 'react'

const shown = 60

/** What was pushed to whom, newest first; each opens why. */
export function OffersFeed({ open, onOpen }: { open: string | undefined; onOpen: (decision: string) => void }) {
  const decisions = useLive((live) => live.decisions)
  const loaded = useLive((live) => live.shop !== undefined)
  const rate = useLive((live) => live.kpis?.rate_per_s)
  const zone = useLive((live) => live.shop?.time_zone)
  const offers = useMemo(() => decisions.filter(({ verdict }) => verdict === 'offered').slice(0, shown), [decisions])
  return (
    <section className="card feed" aria-label="Offers pushed">
      <div className="card-head">
        <h2>Offers pushed</h2>
        {rate !== undefined && <span className="dim num">{rate.toFixed(1)} a second, last minute</span>}
      </div>
      {!loaded ? (
        <ul className="feed-list" aria-busy="true">
          {Array.from({ length: 8 }, (_, i) => (
            <li key={i} className="feed-row">
              <Skeleton width={26} height={26} style={{ borderRadius: 13 }} />
              <Skeleton width="70%" height={26} />
              <Skeleton width={80} height={26} />
            </li>
          ))}
        </ul>
      ) : offers.length === 0 ? (
        <Empty title="No offer yet">
          Each offer that is pushed to a phone appears here within a second, with why this shopper got it.
        </Empty>
      ) : (
        <ul className="feed-list">
          {offers.map((offer) => (
            <li key={offer.id}>
              <OfferRow offer={offer} open={offer.id === open} onOpen={onOpen} timeZone={zone} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface OfferRowProps {
  offer: DecisionSummary
  open: boolean
  onOpen: (decision: string) => void
  timeZone: string | undefined
}

function OfferRow({ offer, open, onOpen, timeZone }: OfferRowProps) {
  const took = offer.latency_ms === undefined ? undefined : millis(offer.latency_ms)
  return (
    <button type="button" className="feed-row" aria-expanded={open} onClick={() => onOpen(offer.id)}>
      <span className="avatar" aria-hidden="true">
        {offer.label.slice(0, 2)}
      </span>
      <span className="feed-what">
        <span className="strong cut">{offer.title ?? offer.campaign_name ?? offer.campaign}</span>
        <span className="dim small cut">
          {offer.zone_name ? `${offer.zone_name} · ` : ''}shopper {offer.label}
        </span>
      </span>
      <span className="feed-how">
        <Status state={decisionState(offer)} />
        <span className="dim small num">
          {took && `${took} · `}
          <time dateTime={offer.time}>{clock(offer.time, timeZone)}</time>
        </span>
      </span>
    </button>
  )
}
