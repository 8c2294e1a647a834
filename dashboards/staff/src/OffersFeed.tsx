import { useLive, type DecisionSummary } from '@aisle/api'
import { clock, decisionState, Empty, exclusionWord, fixed, millis, refusalWord, Skeleton, Status, triggerWord } from '@aisle/ui'
import { memo, useMemo, useState } from 'react'
import { Choice } from './Choice'
import { t } from './words'

const shown = 60

/** What was pushed to whom, or all that was decided, newest first; each opens why. */
export function OffersFeed({ open, onOpen }: { open: string | undefined; onOpen: (decision: string) => void }) {
  const decisions = useLive((live) => live.decisions)
  const loaded = useLive((live) => live.shop !== undefined)
  const rate = useLive((live) => live.kpis?.rate_per_s)
  const zone = useLive((live) => live.shop?.time_zone)
  const deliveries = useLive((live) => live.deliveries)
  const [every, showEvery] = useState(false)
  const offers = useMemo(() => decisions.filter(({ verdict }) => every || verdict === 'offered').slice(0, shown), [decisions, every])
  const refusals = useMemo(() => new Map(deliveries.flatMap(({ decision, refusal }) => (refusal ? [[decision, refusal] as const] : []))), [deliveries])
  return (
    <section className="card feed" aria-label={t.feed.title}>
      <div className="card-head">
        <h2>{every ? t.feed.every : t.feed.title}</h2>
        <span className="row">
          {rate !== undefined && <span className="dim num">{t.feed.rate(fixed(rate, 1))}</span>}
          <Choice label={t.feed.which} chosen={every} onChoose={showEvery} choices={[[false, t.feed.offers], [true, t.feed.all]]} />
        </span>
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
        <Empty title={t.feed.none}>{t.feed.noneYet}</Empty>
      ) : (
        <ul className="feed-list">
          {offers.map((offer) => (
            <li key={offer.id}>
              <OfferRow offer={offer} refusal={refusals.get(offer.id)} open={offer.id === open} onOpen={onOpen} timeZone={zone} />
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface OfferRowProps {
  offer: DecisionSummary
  refusal: string | undefined
  open: boolean
  onOpen: (decision: string) => void
  timeZone: string | undefined
}

/** Drawn anew only where it changed: dozens are in the list, and offers come several a second. */
const OfferRow = memo(function OfferRow({ offer, refusal, open, onOpen, timeZone }: OfferRowProps) {
  const took = offer.latency_ms === undefined ? undefined : millis(offer.latency_ms)
  return (
    <button type="button" className="feed-row" aria-expanded={open} onClick={() => onOpen(offer.id)}>
      <span className="avatar" aria-hidden="true">
        {offer.label.slice(0, 2)}
      </span>
      <span className="feed-what">
        <span className="strong cut" dir="auto">{offer.title ?? offer.campaign_name ?? offer.campaign ?? (offer.out ? exclusionWord(offer.out) : triggerWord(offer.trigger))}</span>
        <span className="dim small cut">
          {offer.state === 'refused' && refusal ? (
            refusalWord(refusal)
          ) : (
            <>
              {offer.zone_name && <><bdi>{offer.zone_name}</bdi> · </>}
              <bdi>{t.feed.shopper(offer.label)}</bdi>
            </>
          )}
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
})
