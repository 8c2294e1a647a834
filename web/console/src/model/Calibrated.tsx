import { count, percent } from '@aisle/ui'
import type { Point } from './model'
import { t } from './words'

const size = 320
const left = 48
const bottom = 34

/** What was expected against what came of it: on the line, the model says what is so. */
export function Calibrated({ points }: { points: Point[] }) {
  // Roots, as most offers are rarely taken and all would lie in a corner.
  const most = Math.min(1, Math.max(...points.map(({ high, expected }) => Math.max(high, expected))) * 1.05)
  const at = (share: number) => Math.sqrt(share / most) * (size - 8)
  const x = (share: number) => left + at(share)
  const y = (share: number) => size - at(share)
  const ticks = [0.01, 0.05, 0.1, 0.2, 0.4, 0.7, 1].filter((tick) => tick <= most)
  const says = points.map(({ expected, taken, n }) => t.plots.point(percent(expected), percent(taken), count(n)))
  return (
    <svg className="calibrated" direction="ltr" viewBox={`0 0 ${left + size} ${size + bottom}`} role="img" aria-label={t.plots.calibrationLabel(says)}>
      <path className="frame" d={`M ${left} 4 V ${size} H ${left + size - 4}`} />
      <line className="right" x1={x(0)} y1={y(0)} x2={x(most)} y2={y(most)} />
      {ticks.map((tick) => (
        <g key={tick}>
          <text x={x(tick)} y={size + 14} textAnchor="middle">
            {percent(tick, 0)}
          </text>
          <text x={left - 6} y={y(tick) + 4} textAnchor="end">
            {percent(tick, 0)}
          </text>
        </g>
      ))}
      <text x={left + size / 2} y={size + 30} textAnchor="middle">
        {t.plots.xAxis}
      </text>
      <text transform={`translate(11 ${size / 2}) rotate(-90)`} textAnchor="middle">
        {t.plots.yAxis}
      </text>
      {points.map(({ expected, taken, low, high, n }) => (
        <g key={expected}>
          <line className="may" x1={x(expected)} x2={x(expected)} y1={y(low)} y2={y(high)} />
          <circle className="at" cx={x(expected)} cy={y(taken)} r={Math.min(9, 2.5 + Math.log10(n + 1) * 1.6)} />
        </g>
      ))}
    </svg>
  )
}
