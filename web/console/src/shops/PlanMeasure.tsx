import type { Point } from '@aisle/api'
import { fixed, toPixels, type View } from '@aisle/ui'
import { distance } from './polygon'
import { t } from './words'

/** Two points of a picture whose distance is known. */
export function PlanMeasure({ view, points }: { view: View; points: Point[] }) {
  const [from, to] = points.map((point) => toPixels(view, point))
  return (
    <svg data-ground data-drawing role="img" aria-label={t.drawing.measured(points.length)}>
      {from && to && <path className="measure" d={`M${from.x} ${from.y}L${to.x} ${to.y}`} />}
      {[from, to].map((at, i) => at && <circle key={i} className="measure-dot" cx={at.x} cy={at.y} r="5" />)}
      {from && to && (
        <text className="plan-text" x={(from.x + to.x) / 2 + 8} y={(from.y + to.y) / 2 - 8}>
          {t.drawing.metresNow(fixed(distance(points[0]!, points[1]!), 2))}
        </text>
      )}
    </svg>
  )
}
