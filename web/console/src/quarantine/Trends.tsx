import { useQuarantineCounts } from '@aisle/api'
import { count, dateTime, Empty, fromNanos, reasonWord, span, Spark } from '@aisle/ui'
import { SegmentedControl } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Freshness } from '../Freshness'
import { Loaded } from '../Page'
import type { QuarantineSearch } from '../router'
import { spans } from './filter'
import { t } from './words'

const route = getRouteApi('/shell/quarantine')
const few = 8
const choices = (['24h', '7d', '30d'] as const).map((value) => ({ value, label: t.trends.choices[value] }))

/** How many were put aside over time, by reason and source; a click shows only those. */
export function Trends({ search }: { search: QuarantineSearch }) {
  const navigate = route.useNavigate()
  const [chosen, setChosen] = useState<'24h' | '7d' | '30d'>('24h')
  const [all, setAll] = useState(false)
  const asked = useQuarantineCounts(spans[chosen] / 3_600_000)
  return (
    <section className="card" aria-label={t.trends.label}>
      <div className="card-head">
        <h2>
          {t.trends.title} <span className="dim num">{asked.data && count(asked.data.series.reduce((sum, { total }) => sum + total, 0))}</span>
        </h2>
        <span className="row">
          <Freshness of={asked} />
          <SegmentedControl aria-label={t.trends.over} data={choices} value={chosen} onChange={(value) => setChosen(value as typeof chosen)} />
        </span>
      </div>
      <div className="trends-room">
        <Loaded of={asked} height={92}>
          {({ series, bucket_ns, oldest, since }) => {
            const shown = all ? series : series.slice(0, few)
            if (series.length === 0) return <Empty title={t.trends.none(t.spans[chosen])}>{t.trends.noneMore}</Empty>
            const most = Math.max(...series.flatMap(({ counts }) => counts))
            return (
              <>
                <ul className="trends">
                  {shown.map(({ reason, source, total, counts }) => {
                    const on = search.reason === reason && search.source === source
                    return (
                      <li key={`${reason} ${source}`}>
                        <button
                          type="button"
                          aria-pressed={on}
                          onClick={() => void navigate({ search: (before) => ({ ...before, reason: on ? undefined : reason, source: on ? undefined : source }), replace: true })}
                        >
                          <span className="between">
                            <span className="strong cut">{reasonWord(reason)}</span>
                            <span className="strong num">{count(total)}</span>
                          </span>
                          <span className="dim small cut">{source}</span>
                          {/* Drawn to one scale, so that they can be compared. */}
                          <span className="trend" style={{ height: 8 + 24 * Math.sqrt(Math.max(...counts, 0) / Math.max(most, 1)) }}>
                            <Spark values={counts} width={200} height={8 + 24 * Math.sqrt(Math.max(...counts, 0) / Math.max(most, 1))} color="var(--ch-3)" />
                          </span>
                        </button>
                      </li>
                    )
                  })}
                </ul>
                <p className="dim small num" style={{ padding: '0 14px 10px' }}>
                  {t.trends.scale(dateTime(since), span(fromNanos(bucket_ns)))} {oldest && Date.parse(oldest) > Date.parse(since) && t.trends.complete(dateTime(oldest))}{' '}
                  {series.length > few && (
                    <button type="button" className="as-link" onClick={() => setAll(!all)}>
                      {all ? t.trends.fewer : t.trends.all(series.length)}
                    </button>
                  )}
                </p>
              </>
            )
          }}
        </Loaded>
      </div>
    </section>
  )
}
