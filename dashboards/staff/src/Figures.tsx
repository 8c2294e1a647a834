import { useLive } from '@aisle/api'
import { change, count, millis, percent, points, Skeleton, tendency } from '@aisle/ui'
import type { ReactNode } from 'react'
import { moreThanBefore } from './busiest'
import { t } from './words'

/** From the event at our door until the phone has the offer. */
export const targetMs = 200

/** The five numbers that say how the shop does. */
export function Figures() {
  const kpis = useLive((live) => live.kpis)
  if (!kpis) {
    return (
      <section className="card figures" aria-label={t.figures.title} aria-busy="true">
        {Array.from({ length: 5 }, (_, i) => (
          <div key={i}>
            <Skeleton width={90} height={12} />
            <Skeleton width={120} height={22} style={{ marginTop: 8 }} />
          </div>
        ))}
      </section>
    )
  }
  const more = moreThanBefore(kpis.zones)
  const offers = change(kpis.offers_today, kpis.offers_yesterday)
  const redeemed = kpis.offers_today > 0 ? points(kpis.redeemed_share, kpis.redeemed_share_yesterday) : undefined
  const { latency } = kpis
  return (
    <section className="card figures" aria-label={t.figures.title}>
      <Figure name={t.figures.inShop} value={count(kpis.in_shop)}>
        {more !== undefined && t.figures.tenMinutes(`${more < 0 ? '−' : '+'}${count(Math.abs(more))}`)}
      </Figure>
      <Figure name={t.figures.optedIn} value={count(kpis.opted_in)}>
        {kpis.in_shop > 0 && t.figures.ofVisitors(percent(kpis.opted_in / kpis.in_shop, 0))}
      </Figure>
      <Figure name={t.figures.sent} value={count(kpis.offers_today)} tone={tendency(offers)}>
        {offers ? t.figures.yesterday(offers) : t.figures.delivered(count(kpis.delivered_today))}
      </Figure>
      <Figure name={t.figures.redeemed} value={kpis.offers_today > 0 ? percent(kpis.redeemed_share) : '–'} tone={tendency(redeemed)}>
        {redeemed ? t.figures.yesterday(redeemed) : t.figures.atTill(count(kpis.redeemed_today))}
      </Figure>
      <Figure name={t.figures.latency} value={latency.count > 0 ? millis(latency.p95_ms) : '–'} tone={latency.p95_ms > targetMs ? 'bad' : undefined}>
        {t.figures.target(millis(targetMs))}
      </Figure>
    </section>
  )
}

function Figure({ name, value, tone, children }: { name: string; value: string; tone?: 'good' | 'bad' | undefined; children: ReactNode }) {
  return (
    <div>
      <p className="dim">{name}</p>
      <p className="row num">
        <span className="big">{value}</span>
        <span className="figure-note" data-tone={tone}>
          {children}
        </span>
      </p>
    </div>
  )
}
