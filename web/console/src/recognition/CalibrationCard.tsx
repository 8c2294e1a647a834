import type { Calibration } from '@aisle/api'
import { ago, axis, Chart, chartFont, count, decimal, Empty, percent, plural, token, useNow, type ChartOptions } from '@aisle/ui'
import { useMemo } from 'react'
import { columns, rows } from './curve'

/** How well faces are told apart: false matches against misses, with the threshold. */
export function CalibrationCard({ curve }: { curve: Calibration }) {
  const now = useNow(10_000)
  const { chosen, model, basis, judged, people } = curve
  const data = useMemo(() => columns(curve).filter((column) => column.length > 0) as Parameters<typeof Chart>[0]['data'], [curve])
  const options = useMemo(() => () => chartOptions(curve), [curve])
  const says = `At the threshold ${decimal(chosen.threshold)}, ${percent(chosen.false_match)} of comparisons with another person pass, and ${percent(chosen.miss)} of people’s own faces do not.`
  return (
    <section className="card" aria-label={`How well ${model} tells people apart`}>
      <div className="card-head">
        <h2>False matches against misses</h2>
        <ul className="calibration-legend" aria-hidden="true">
          <li>
            <i style={{ background: 'var(--ch-3)' }} />
            False matches
          </li>
          <li>
            <i style={{ background: 'var(--ch-1)' }} />
            Misses
          </li>
        </ul>
        <span className="dim small num">
          {model}, {ago(curve.told, now)}
        </span>
      </div>
      {curve.points.length === 0 ? (
        <Empty title="Nothing to measure yet">The curve is measured on the people who enrolled, each taken for a stranger to all the others. It needs two.</Empty>
      ) : (
        <>
          <div className="calibration">
            <Chart data={data} options={options} height={220} label={says} />
          </div>
          <div className="block">
            <p>
              {says}{' '}
              <span className="dim">
                With 95 % confidence no more than {percent(chosen.false_match_high)} and {percent(chosen.miss_high)}
                {people < 20 ? ': so few people say little, and these bounds fall as more enrol.' : '.'}
              </span>
            </p>
            <p className="dim small">
              The threshold is {basis === 'gallery' ? 'lowered for this gallery, whose people look more alike than most' : 'the describer’s own: the gallery gives no reason to lower it'}. It is measured on single
              faces of {judged === people ? plural(people, 'person', 'people') : `${count(judged)} of ${count(people)} people`}, each taken for a stranger to all the others; a visit is decided by three faces or more, and does better.
            </p>
            <details className="fold">
              <summary>The same as a table</summary>
              <div className="scroll">
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">Threshold</th>
                      <th scope="col" className="n">
                        False matches
                      </th>
                      <th scope="col" className="n">
                        no more than
                      </th>
                      <th scope="col" className="n">
                        Misses
                      </th>
                      <th scope="col" className="n">
                        no more than
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {rows(curve).map((row) => (
                      <tr key={`${row.threshold}${row.chosen}`}>
                        <th scope="row" className={row.chosen ? 'strong' : undefined} style={{ textAlign: 'left', fontWeight: row.chosen ? 600 : 400 }}>
                          {decimal(row.threshold)}
                          {row.chosen && ' (in use)'}
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
      axis({ size: 34, label: 'Distance below which somebody is named', labelFont: chartFont, labelSize: 16 }),
      axis({ size: 44, values: (_, values) => values.map((value) => `${Math.round(value * 100)} %`) }),
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
          ctx.fillText('threshold', x + (right ? -6 : 6) * devicePixelRatio, top + 12 * devicePixelRatio)
          ctx.restore()
        },
      ],
    },
  }
}
