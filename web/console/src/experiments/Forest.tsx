import type { Experiment, ExperimentMeasure } from '@aisle/api'
import { decimal } from '@aisle/ui'
import { linesOf, nothingOf, scaleOf } from './forest'
import { t } from './words'

const width = 720
const left = 230
const row = 34

/** Differences with their intervals, one below the other, about nought. */
export function Forest({ experiment, measure }: { experiment: Experiment; measure: ExperimentMeasure }) {
  const lines = linesOf(experiment, measure)
  if (lines.length === 0) {
    return (
      <p className="dim">{t.forest.nothing(t.forest.measures[measure], nothingOf(experiment.lifts, measure))}</p>
    )
  }
  const scale = scaleOf(lines)
  const x = (value: number) => left + scale(value) * (width - left - 12)
  const height = lines.length * row + 26
  const says = lines.map(({ name, value, anytimeLow, anytimeHigh }) => t.forest.line(name, signed(value), signed(anytimeLow), signed(anytimeHigh)))
  return (
    <figure>
      <figcaption className="strong small">{t.forest.difference(t.forest.measures[measure])}</figcaption>
      <svg className="forest" direction="ltr" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t.forest.label(t.forest.measures[measure], says)}>
        <line className="zero" x1={x(0)} x2={x(0)} y1={4} y2={lines.length * row + 4} />
        <text x={x(0)} y={height - 4} textAnchor="middle">
          {t.forest.noDifference}
        </text>
        {lines.map(({ name, value, low, high, anytimeLow, anytimeHigh }, i) => {
          const y = i * row + row / 2 + 2
          return (
            <g key={name}>
              <text className="name" x={0} y={y + 4}>
                {name.length > 38 ? `${name.slice(0, 37)}…` : name}
              </text>
              <line className="any" x1={x(anytimeLow)} x2={x(anytimeHigh)} y1={y} y2={y} />
              <line className="once" x1={x(low)} x2={x(high)} y1={y} y2={y} />
              <circle className="at" cx={x(value)} cy={y} r={4} />
              <text x={x(value)} y={y - 9} textAnchor="middle">
                {signed(value)}
              </text>
            </g>
          )
        })}
      </svg>
    </figure>
  )
}

/** With its sign, as differences are written. */
export const signed = (n: number) => `${n < 0 ? '−' : n > 0 ? '+' : ''}${decimal(Math.abs(n))}`
