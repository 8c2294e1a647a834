import type { Floor, Point, Shop } from '@aisle/api'
import { area, fixed, toMetres, toPixels, type View } from '@aisle/ui'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { grid, shapesOn, within, type Chosen, type Shape } from './plan'
import { canClose, distance, isSimple, snapTo, type Snapped } from './polygon'
import { t } from './words'

interface PlanDrawingProps {
  shop: Shop
  floor: Floor
  view: View
  points: Point[]
  snaps: boolean
  what: Shape
  /** Adds a corner; the first one again closes. */
  onPoint: (at: Point) => void
  onBack: () => void
  onClose: () => void
  onCancel: () => void
}

const near = 10 // pixels
const steps: Record<string, Point> = { ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } }

/** The corners that a point may be drawn to on a floor. */
export const cornersOn = (shop: Shop, floor: Floor, but?: Chosen): Point[] => [
  ...shapesOn(shop, floor)
    .filter(({ kind, id }) => kind !== but?.kind || id !== but.id)
    .flatMap(({ polygon }) => polygon),
  { x: 0, y: 0 },
  { x: floor.width_m, y: 0 },
  { x: floor.width_m, y: floor.depth_m },
  { x: 0, y: floor.depth_m },
]

/** Where a press would put a corner. */
export function aim(shop: Shop, floor: Floor, view: View, point: Point, own: Point[], snaps: boolean): Snapped {
  const at = within(point, floor)
  if (!snaps) return { at }
  const snapped = snapTo(at, [...own, ...cornersOn(shop, floor)], near / view.scale, grid)
  return { ...snapped, at: within(snapped.at, floor) }
}

/** A zone, walls or a fixture being drawn, corner by corner: by pointer, or by arrow keys and Space. */
export function PlanDrawing({ shop, floor, view, points, snaps, what, onPoint, onBack, onClose, onCancel }: PlanDrawingProps) {
  const svg = useRef<SVGSVGElement>(null)
  const [cursor, setCursor] = useState<Snapped>()
  useEffect(() => svg.current?.focus(), [])

  const first = points[0]
  const at = cursor?.at
  const closes = first && at && points.length > 2 && distance(first, at) * view.scale <= near
  const outline = points.map((point) => toPixels(view, point))
  const path = outline.map(({ x, y }, i) => `${i ? 'L' : 'M'}${x} ${y}`).join('')
  const last = outline.at(-1)
  const to = at && toPixels(view, closes ? first : at)
  const wrong = points.length > 3 && !isSimple(points)

  const keys = (event: KeyboardEvent) => {
    const way = steps[event.key]
    const here = at ?? { x: floor.width_m / 2, y: floor.depth_m / 2 }
    if (way) {
      const metres = event.shiftKey ? 0.1 : 0.5
      setCursor({ at: within({ x: here.x + way.x * metres, y: here.y + way.y * metres }, floor) })
    } else if (event.key === ' ') (closes ? onClose : () => onPoint(here))()
    else if (event.key === 'Enter') (canClose(points) ? onClose : () => onPoint(here))()
    else if (event.key === 'Backspace') onBack()
    else if (event.key === 'Escape') onCancel()
    else return
    event.preventDefault()
  }

  return (
    // An application: while one draws, all keys are the drawing's.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <svg
      ref={svg}
      data-ground
      data-drawing
      role="application"
      aria-label={t.drawing.label(what)}
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
      onKeyDown={keys}
      onPointerMove={(event) => {
        const { left, top } = svg.current!.getBoundingClientRect()
        setCursor(aim(shop, floor, view, toMetres(view, { x: event.clientX - left, y: event.clientY - top }), points, snaps))
      }}
      onPointerLeave={() => setCursor(undefined)}
    >
      {cursor?.x !== undefined && <Guide view={view} floor={floor} x={cursor.x} />}
      {cursor?.y !== undefined && <Guide view={view} floor={floor} y={cursor.y} />}
      {points.length > 1 && <path className="drawn" d={path + (points.length > 2 ? 'Z' : '')} data-wrong={wrong || undefined} />}
      {last && to && <path className="drawn-next" d={`M${last.x} ${last.y}L${to.x} ${to.y}`} />}
      {outline.map(({ x, y }, i) => (
        <circle key={i} className="drawn-dot" cx={x} cy={y} r={i === 0 && points.length > 2 ? (closes ? 9 : 7) : 4.5} data-first={(i === 0 && points.length > 2) || undefined} />
      ))}
      {to && <path className="cross" d={`M${to.x - 9} ${to.y}h18M${to.x} ${to.y - 9}v18`} />}
      {to && at && (
        <text className="plan-text" x={to.x + 12} y={to.y - 12}>
          {closes ? t.drawing.closes(fixed(area(points), 1)) : points.length > 0 ? t.drawing.side(fixed(distance(points.at(-1)!, at), 1)) : `${at.x.toFixed(1)}, ${at.y.toFixed(1)}`}
        </text>
      )}
      <title>{t.drawing.corner(points.length + 1)}</title>
    </svg>
  )
}

function Guide({ view, floor, x, y }: { view: View; floor: Floor; x?: number; y?: number }) {
  const from = toPixels(view, { x: x ?? 0, y: y ?? 0 })
  const to = toPixels(view, { x: x ?? floor.width_m, y: y ?? floor.depth_m })
  return <path className="guide" d={`M${from.x} ${from.y}L${to.x} ${to.y}`} />
}
