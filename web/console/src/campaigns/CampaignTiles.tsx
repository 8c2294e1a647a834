import type { Counts, Totals } from '@aisle/api'
import { change, count, millis, money, percent, points, Skeleton, Spark, tendency } from '@aisle/ui'
import type { ReactNode } from 'react'
import { t } from './words'

interface Comparison {
  text: string | undefined
  tone: 'good' | 'bad' | undefined
}

/** What all campaigns did today, beside the same day a week ago. */
export function CampaignTiles({ totals }: { totals: Totals | undefined }) {
  if (!totals) {
    return (
      <div className="tiles" aria-busy="true">
        {Array.from({ length: 4 }, (_, i) => (
          <Skeleton key={i} height={94} style={{ borderRadius: 10 }} />
        ))}
      </div>
    )
  }
  const { today, week_ago, days, p95_ms, week_ago_p95_ms, earned } = totals
  const more = change(today.delivered, week_ago.delivered)
  const better = today.sent > 0 && week_ago.sent > 0 ? points(share(today), share(week_ago)) : undefined
  const slower = p95_ms > 0 && week_ago_p95_ms > 0 ? Math.round(p95_ms - week_ago_p95_ms) : undefined
  return (
    <div className="tiles">
      <Tile name={t.tiles.delivered} value={count(today.delivered)} comparison={{ text: more, tone: tendency(more) }} spark={days.map(({ counts }) => counts.delivered)}>
        {t.tiles.decided(count(today.offered))}
      </Tile>
      <Tile name={t.tiles.redeemed} value={today.sent > 0 ? percent(share(today)) : '–'} comparison={{ text: better, tone: tendency(better) }} spark={days.map(({ counts }) => share(counts))}>
        {t.tiles.atTill(count(today.redeemed))}
      </Tile>
      <Tile
        name={t.tiles.p95}
        value={p95_ms > 0 ? millis(p95_ms) : '–'}
        comparison={{ text: slower === undefined ? undefined : `${slower < 0 ? '−' : '+'}${millis(Math.abs(slower))}`, tone: (slower ?? 0) <= 0 ? 'good' : 'bad' }}
      >
        {p95_ms > 0 ? t.tiles.target : t.tiles.nothingSent}
      </Tile>
      <Tile name={t.tiles.baskets} value={earned.length > 0 ? earned.map(money).join(' + ') : '–'} spark={days.map(({ counts }) => counts.redeemed)}>
        {earned.length > 0 ? t.tiles.redeemedToday(count(today.redeemed)) : t.tiles.noneRedeemed}
      </Tile>
    </div>
  )
}

const share = ({ sent, redeemed }: Counts) => (sent > 0 ? redeemed / sent : 0)

interface TileProps {
  name: string
  value: string
  comparison?: Comparison
  spark?: number[]
  /** What is said where there is nothing to compare with. */
  children: ReactNode
}

export function Tile({ name, value, comparison, spark, children }: TileProps) {
  return (
    <div className="card tile num">
      <p>{name}</p>
      <p className="tile-value">{value}</p>
      <p className="tile-note">
        {comparison?.text ? (
          <>
            <b data-tone={comparison.tone}>{comparison.text}</b> {t.tiles.lastWeek}
          </>
        ) : (
          children
        )}
      </p>
      {spark && <Spark values={spark} width={56} height={22} />}
    </div>
  )
}
