import { useLive } from '@aisle/api'
import { axis, Chart, count, hourMinute, Skeleton, token, type ChartOptions } from '@aisle/ui'
import { useMemo } from 'react'
import uPlot from 'uplot'
import { chartHeight } from './LatencyChart'
import { conversionColumns, roundTop } from './series'
import { t } from './words'

/** How many of the offers that arrived were redeemed, over two hours. */
export function ConversionChart() {
  const bars = useLive((live) => live.kpis?.conversion)
  const zone = useLive((live) => live.shop?.time_zone)
  const data = useMemo(() => bars && (conversionColumns(bars) as uPlot.AlignedData), [bars])
  const options = useMemo(() => () => conversionOptions(zone), [zone])
  const delivered = bars?.reduce((sum, bar) => sum + bar.delivered, 0) ?? 0
  const redeemed = bars?.reduce((sum, bar) => sum + bar.redeemed, 0) ?? 0
  return (
    <section className="card" aria-label={t.conversion.title}>
      <div className="card-head">
        <h2>
          {t.conversion.title} <span className="dim">{t.conversion.period}</span>
        </h2>
        <ul className="legend num">
          <li>
            <i className="square" data-kind="delivered" />
            {t.conversion.delivered} <b>{bars && count(delivered)}</b>
          </li>
          <li>
            <i className="square" data-kind="redeemed" />
            {t.conversion.redeemed} <b>{bars && count(redeemed)}</b>
          </li>
        </ul>
      </div>
      <div className="chart-body">
        {data ? (
          <>
            <Chart data={data} options={options} height={chartHeight} label={t.conversion.says(count(delivered), count(redeemed))} />
            {delivered + redeemed === 0 && <p className="chart-empty">{t.conversion.none}</p>}
          </>
        ) : (
          <Skeleton height={chartHeight} />
        )}
      </div>
    </section>
  )
}

function conversionOptions(zone: string | undefined): ChartOptions {
  const paths = uPlot.paths.bars!({ size: [0.72, 18], radius: 0.18 })
  const series = (fill: string): uPlot.Series => ({ paths, fill, stroke: 'transparent', width: 0, points: { show: false } })
  return {
    padding: [8, 26, 0, 0], // the last time of the axis is whole
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { range: (_plot, first, last) => [first - 200, last + 200] },
      y: { range: (_plot, _low, high) => [0, roundTop(high ?? 0, 4)] },
    },
    axes: [
      axis({ size: 24, space: 70, grid: { show: false }, values: (_plot, times) => times.map((time) => hourMinute(time * 1_000, zone)) }),
      axis({ size: 34, space: 34, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000] }),
    ],
    series: [{}, series(`${token('--ch-1')}38`), series(token('--ch-2'))],
  }
}
