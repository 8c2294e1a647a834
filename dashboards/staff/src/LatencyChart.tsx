import { useLive } from '@aisle/api'
import { axis, Chart, chartFont, hourMinute, millis, Skeleton, token, type ChartOptions } from '@aisle/ui'
import { useMemo } from 'react'
import type uPlot from 'uplot'
import { targetMs } from './Figures'
import { latencyColumns, latencyEnd, roundTop } from './series'
import { t } from './words'

export const chartHeight = 146

/** How long offers took from our door to the phone, over ten minutes. */
export function LatencyChart() {
  const latency = useLive((live) => live.kpis?.latency)
  const points = useLive((live) => live.kpis?.latency_series)
  const end = useLive((live) => live.kpis && latencyEnd(live.kpis.at))
  const zone = useLive((live) => live.shop?.time_zone)
  const data = useMemo(() => points && end !== undefined && (latencyColumns(points, end) as uPlot.AlignedData), [points, end])
  const options = useMemo(() => () => latencyOptions(zone), [zone])
  return (
    <section className="card" aria-label={t.latency.label}>
      <div className="card-head">
        <h2>
          {t.latency.title} <span className="dim">{t.latency.period}</span>
        </h2>
        <ul className="legend">
          {latency &&
            latency.count > 0 &&
            [
              { name: 'p50', color: 'var(--ch-2)', ms: latency.p50_ms },
              { name: 'p95', color: 'var(--ch-1)', ms: latency.p95_ms },
              { name: 'p99', color: 'var(--ch-3)', ms: latency.p99_ms },
            ].map(({ name, color, ms }) => (
              <li key={name} className="num">
                <i className="line" style={{ background: color }} />
                {name} <b>{millis(ms)}</b>
              </li>
            ))}
        </ul>
      </div>
      <div className="chart-body">
        {data && latency ? (
          <>
            <Chart
              data={data}
              options={options}
              height={chartHeight}
              label={latency.count > 0 ? t.latency.says(millis(latency.p50_ms), millis(latency.p95_ms), millis(latency.p99_ms)) : t.latency.saysNone}
            />
            {points?.length === 0 && <p className="chart-empty">{t.latency.none}</p>}
          </>
        ) : (
          <Skeleton height={chartHeight} />
        )}
      </div>
    </section>
  )
}

function latencyOptions(zone: string | undefined): ChartOptions {
  const line = (name: string, width: number, more: Partial<uPlot.Series> = {}): uPlot.Series => ({
    stroke: token(name),
    width,
    points: { show: () => false, size: 4, fill: token(name), filter: alone },
    ...more,
  })
  return {
    padding: [8, 20, 0, 0], // the last time of the axis is whole
    legend: { show: false },
    cursor: { show: false },
    scales: { y: { range: (_plot, _low, high) => [0, roundTop(high ?? 0, targetMs * 1.25)] } },
    axes: [
      axis({ size: 24, space: 90, values: (_plot, times) => times.map((time) => hourMinute(time * 1_000, zone)) }),
      axis({ size: 58, space: 34, values: (_plot, values) => values.map((ms) => millis(ms)) }),
    ],
    series: [{}, line('--ch-2', 1.5), line('--ch-1', 1.75, { fill: `${token('--ch-1')}1c` }), line('--ch-3', 1.25)],
    hooks: { draw: [drawTarget] },
  }
}

/** A point is drawn only where no line leads to it. */
const alone: uPlot.Series.Points.Filter = (plot, series) => {
  const values = Array.from(plot.data[series]!)
  return values.flatMap((value, i) => (value != null && values[i - 1] == null && values[i + 1] == null ? [i] : []))
}

function drawTarget(plot: uPlot) {
  const { ctx: pen, bbox } = plot
  const sharp = devicePixelRatio
  const y = Math.round(plot.valToPos(targetMs, 'y', true))
  pen.save()
  pen.strokeStyle = pen.fillStyle = token('--neg')
  pen.globalAlpha = 0.7
  pen.lineWidth = sharp
  pen.setLineDash([4 * sharp, 4 * sharp])
  pen.beginPath()
  pen.moveTo(bbox.left, y)
  pen.lineTo(bbox.left + bbox.width, y)
  pen.stroke()
  pen.globalAlpha = 1
  pen.font = chartFont.replace('11px', `${11 * sharp}px`)
  pen.textAlign = 'right'
  pen.fillText(t.figures.target(millis(targetMs)), bbox.left + bbox.width, y - 5 * sharp)
  pen.restore()
}
