import type { Calibration } from '@aisle/api'
import { ago, axis, Chart, chartFont, decimal, Empty, percent, token, useNow, type ChartOptions } from '@aisle/ui'
import { useMemo } from 'react'
import { columns, rows } from './curve'
import { t } from './words'

/** How well faces are told apart: false matches against misses, with the threshold. */
export function CalibrationCard({ curve }: { curve: Calibration }) {
  const now = useNow(10_000)
  const { chosen, model, basis, judged, people } = curve
  const data = useMemo(() => columns(curve).filter((column) => column.length > 0) as Parameters<typeof Chart>[0]['data'], [curve])
  const options = useMemo(() => () => chartOptions(curve), [curve])
  const says = t.curve.says(decimal(chosen.threshold), percent(chosen.false_match), percent(chosen.miss))
  return (
    <section className="card" aria-label={t.curve.label(model)}>
      <div className="card-head">
        <h2>{t.curve.title}</h2>
        <ul className="calibration-legend" aria-hidden="true">
          <li>
            <i style={{ background: 'var(--ch-3)' }} />
            {t.curve.falseMatches}
          </li>
          <li>
            <i style={{ background: 'var(--ch-1)' }} />
            {t.curve.misses}
          </li>
        </ul>
        <span className="dim small num">
          {t.curve.told(model, ago(curve.told, now))}
        </span>
      </div>
      {curve.points.length === 0 ? (
        <Empty title={t.curve.none}>{t.curve.noneMore}</Empty>
      ) : (
        <>
          <div className="calibration" dir="ltr">
            <Chart data={data} options={options} height={220} label={says} />
          </div>
          <div className="block">
            <p>
              {says}{' '}
              <span className="dim">{t.curve.bounds(percent(0.95, 0), percent(chosen.false_match_high), percent(chosen.miss_high), people < 20)}</span>
            </p>
            <p className="dim small">
              {basis === 'gallery' ? t.curve.lowered : t.curve.own} {t.curve.measured(judged, people)}
            </p>
            <details className="fold">
              <summary>{t.curve.table}</summary>
              <div className="scroll">
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">{t.curve.threshold}</th>
                      <th scope="col" className="n">
                        {t.curve.falseMatches}
                      </th>
                      <th scope="col" className="n">
                        {t.curve.most}
                      </th>
                      <th scope="col" className="n">
                        {t.curve.misses}
                      </th>
                      <th scope="col" className="n">
                        {t.curve.most}
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows(curve).map((row) => (
                      <tr key={`${row.threshold}${row.chosen}`}>
                        <th scope="row" className={row.chosen ? 'strong' : undefined} style={{ textAlign: 'start', fontWeight: row.chosen ? 600 : 400 }}>
                          {row.chosen ? t.curve.inUse(decimal(row.threshold)) : decimal(row.threshold)}
                        </th>
                        <td className="n">{percent(row.false_match)}</td>
                        <td className="n dim">{percent(row.false_match_high)}</td>
                        <td className="n">{curve.genuine > 0 ? percent(row.miss) : '–'}</td>
                        <td className="n dim">{curve.genuine > 0 ? percent(row.miss_high) : '–'}</td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </details>
          </div>
        </>
      )}
    </section>
  )
}

function chartOptions({ chosen, genuine }: Calibration): ChartOptions {
  const line = (name: string) => ({ stroke: token(name), width: 2, points: { show: false } })
  return {
    scales: { x: { time: false }, y: { range: [0, 1] } },
    axes: [
      axis({ size: 34, label: t.curve.axis, labelFont: chartFont, labelSize: 16 }),
      axis({ size: 44, values: (_, values) => values.map((value) => percent(value, 0)) }),
    ],
    series: [{}, line('--ch-3'), ...(genuine > 0 ? [line('--ch-1')] : [])],
    cursor: { show: false },
    legend: { show: false },
    hooks: {
      draw: [
        (plot) => {
          const x = plot.valToPos(chosen.threshold, 'x', true)
          const { left, top, width, height } = plot.bbox
          if (x < left || x > left + width) return
          const { ctx } = plot
          ctx.save()
          ctx.strokeStyle = token('--text')
          ctx.lineWidth = devicePixelRatio
          ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio])
          ctx.beginPath()
          ctx.moveTo(x, top)
          ctx.lineTo(x, top + height)
          ctx.stroke()
          ctx.font = chartFont.replace('11px', `${11 * devicePixelRatio}px`)
          ctx.fillStyle = token('--text')
          const right = x > left + width * 0.75
          ctx.textAlign = right ? 'right' : 'left'
          ctx.fillText(t.curve.mark, x + (right ? -6 : 6) * devicePixelRatio, top + 12 * devicePixelRatio)
          ctx.restore()
        },
      ],
    },
  }
}
