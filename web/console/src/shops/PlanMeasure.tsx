import type { Point } from '@aisle/api'
import { toPixels, type View } from '@aisle/ui'
import { distance } from './polygon'

/** Two points of a picture whose distance is known. */
export function PlanMeasure({ view, points }: { view: View; points: Point[] }) {
  const [from, to] = points.map((point) => toPixels(view, point))
  return (
    <svg data-ground data-drawing role="img" aria-label={`${points.length} of 2 points`}>
      {from && to && <path className="measure" d={`M${from.x} ${from.y}L${to.x} ${to.y}`} />}
      {[from, to].map((at, i) => at && <circle key={i} className="measure-dot" cx={at.x} cy={at.y} r="5" />)}
      {from && to && (
        <text className="plan-text" x={(from.x + to.x) / 2 + 8} y={(from.y + to.y) / 2 - 8}>
          {distance(points[0]!, points[1]!).toFixed(2)} m now
        </text>
      )}
    </svg>
  )
}
