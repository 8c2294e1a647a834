import type { Floor, Point, Shop } from '@aisle/api'
import { box, corners, isBox, rounded, toMetres, toPixels, type View } from '@aisle/ui'
import { useRef, type KeyboardEvent, type PointerEvent } from 'react'
import { grid, least, moved, movedSpot, place, reshaped, shapesOn, spotsOn, stretched, within, written, type Chosen, type Corner, type Spot } from './plan'
import { cornersOn } from './PlanDrawing'
import type { Editing } from './PlanEditor'
import { snapTo, withCorner, withMovedCorner, withoutCorner } from './polygon'
import { t } from './words'

interface PlanGripsProps {
  editing: Editing
  floor: Floor
  view: View
  chosen: Chosen | undefined
  snaps: boolean
  onChoose: (chosen: Chosen | undefined) => void
  onRemove: (chosen: Chosen) => void
  /** What has a mistake, as "kind id". */
  wrong: Set<string>
}

const steps: Record<string, Point> = { ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } }
const near = 8 // pixels

/** How far an arrow key moves: half a metre, with Shift a tenth. */
function stepOf(event: KeyboardEvent): Point | undefined {
  const way = steps[event.key]
  const metres = event.shiftKey ? 0.1 : 0.5
  return way && { x: way.x * metres, y: way.y * metres }
}

/** What can be taken hold of on the plan: zones, walls and fixtures, their corners and edges, and what stands at one point. */
export function PlanGrips({ editing, floor, view, chosen, snaps, onChoose, onRemove, wrong }: PlanGripsProps) {
  const svg = useRef<SVGSVGElement>(null)
  const { shop } = editing
  const is = (kind: Chosen['kind'], id: string) => chosen?.kind === kind && chosen.id === id
  const pointed = (event: { clientX: number; clientY: number }): Point => {
    const { left, top } = svg.current!.getBoundingClientRect()
    return toMetres(view, { x: event.clientX - left, y: event.clientY - top })
  }
  const snapped = (at: Point, but: Chosen): Point => within(snaps ? snapTo(at, cornersOn(shop, floor, but), near / view.scale, grid).at : at, floor)

  /** Follows the pointer from where it went down; `to` says what the shop is when it has moved so far. */
  const drag = (start: PointerEvent, to: (from: Point, at: Point, event: globalThis.PointerEvent) => Shop, begin = shop) => {
    start.preventDefault()
    start.stopPropagation()
    const from = pointed(start)
    const target = start.currentTarget as SVGElement
    target.setPointerCapture(start.pointerId)
    target.focus()
    let latest = begin
    if (begin !== shop) editing.preview(begin)
    const move = (event: globalThis.PointerEvent) => {
      latest = to(from, pointed(event), event)
      editing.preview(latest)
    }
    const end = ({ type }: Event) => {
      target.removeEventListener('pointermove', move)
      target.removeEventListener('pointerup', end)
      target.removeEventListener('pointercancel', end)
      if (type === 'pointercancel') editing.preview(shop)
      else if (latest !== shop) editing.change(latest)
    }
    target.addEventListener('pointermove', move)
    target.addEventListener('pointerup', end)
    target.addEventListener('pointercancel', end)
  }

  const keys = (thing: Chosen, step: (by: Point) => Shop) => (event: KeyboardEvent) => {
    const by = stepOf(event)
    if (by) editing.change(step(by))
    else if (event.key === 'Delete' || event.key === 'Backspace') onRemove(thing)
    else if (event.key === 'Enter' || event.key === ' ') onChoose(thing)
    else if (event.key === 'Escape') onChoose(undefined)
    else return
    event.preventDefault()
  }

  const shapes = shapesOn(shop, floor)
  const shape = shapes.find(({ kind, id }) => is(kind, id))
  const start = shape && box(shape.polygon)
  const rectangle = shape && isBox(shape.polygon)

  return (
    <svg ref={svg} data-ground role="group" aria-label={t.grips.title}>
      {shapes.map((thing) => {
        const { kind, id, name, polygon } = thing
        const shift = (by: Point) => reshaped(shop, thing, moved(polygon, by.x, by.y, floor))
        const { x, y, width, height } = box(polygon)
        return (
          <path
            key={`${kind} ${id}`}
            className="grip"
            data-kind={kind}
            d={rounded(polygon.map((point) => toPixels(view, point)), kind === 'zone' ? 5 : 2)}
            role="button"
            tabIndex={0}
            aria-pressed={is(kind, id)}
            aria-label={t.grips.shape(name, written(width), written(height), place({ x, y }))}
            data-wrong={wrong.has(`${kind} ${id}`) || undefined}
            onPointerDown={(event) => {
              onChoose({ kind, id })
              drag(event, (from, at) => shift({ x: at.x - from.x, y: at.y - from.y }))
            }}
            onKeyDown={keys({ kind, id }, shift)}
          />
        )
      })}
      {shape &&
        shape.kind !== 'fixture' && // it has four corners
        shape.polygon.map((from, edge) => {
          const to = shape.polygon[(edge + 1) % shape.polygon.length]!
          const { x, y } = toPixels(view, { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 })
          const added = reshaped(shop, shape, withCorner(shape.polygon, edge))
          return (
            <circle
              key={`edge ${edge}`}
              className="edge"
              cx={x}
              cy={y}
              r="4"
              role="button"
              tabIndex={0}
              aria-label={t.grips.addCorner(edge + 1, shape.name)}
              onPointerDown={(event) => drag(event, (_, at) => reshaped(shop, shape, withCorner(shape.polygon, edge, snapped(at, shape))), added)}
              onKeyDown={(event) => {
                if (event.key !== 'Enter' && event.key !== ' ') return
                event.preventDefault()
                editing.change(added)
              }}
            />
          )
        })}
      {shape &&
        start &&
        shape.polygon.map((corner, i) => {
          const { x, y } = toPixels(view, corner)
          const put = (at: Point) => reshaped(shop, shape, withMovedCorner(shape.polygon, i, within(at, floor)))
          // A rectangle's corners may be in any order.
          const which = corners(start).findIndex((at) => Math.abs(at.x - corner.x) < 0.01 && Math.abs(at.y - corner.y) < 0.01) as Corner
          const stretch = (at: Point) => reshaped(shop, shape, corners(stretched(start, which, at, floor, shape.kind === 'fixture' ? grid : least)))
          const remove = () => shape.kind !== 'fixture' && editing.change(reshaped(shop, shape, withoutCorner(shape.polygon, i)))
          return (
            <rect
              key={`corner ${i}`}
              className="corner"
              x={x - 5}
              y={y - 5}
              width="10"
              height="10"
              rx={rectangle ? 2 : 5}
              role="button"
              tabIndex={0}
              aria-label={t.grips.corner(i + 1, shape.name, place(corner))}
              onPointerDown={(event) =>
                drag(event, (_, at, { altKey }) => {
                  const to = snapped(at, shape)
                  return rectangle && (!altKey || shape.kind === 'fixture') ? stretch(to) : put(to)
                })
              }
              onKeyDown={(event) => {
                const by = stepOf(event)
                const to = by && { x: corner.x + by.x, y: corner.y + by.y }
                if (to) editing.change(shape.kind === 'fixture' ? stretch(to) : put(to))
                else if (event.key === 'Delete' || event.key === 'Backspace') remove()
                else if (event.key === 'Escape') onChoose(undefined)
                else return
                event.preventDefault()
              }}
              onDoubleClick={remove}
            />
          )
        })}
      {spotsOn(shop, floor.id).map(({ kind, id, at, name }) => {
        const thing = { kind, id }
        const { x, y } = toPixels(view, at)
        return (
          <g
            key={`${kind} ${id}`}
            className="grip-spot"
            transform={`translate(${x} ${y})`}
            role="button"
            tabIndex={0}
            aria-pressed={is(kind, id)}
            aria-label={t.grips.spot(name, place(at))}
            data-wrong={wrong.has(`${kind} ${id}`) || undefined}
            onPointerDown={(event) => {
              onChoose(thing)
              drag(event, (_, to) => movedSpot(shop, thing, to))
            }}
            onKeyDown={keys(thing, (by) => movedSpot(shop, thing, { x: at.x + by.x, y: at.y + by.y }))}
          >
            <circle className="reach" r="11" />
            <SpotMark kind={kind} />
            <title>{name}</title>
          </g>
        )
      })}
    </svg>
  )
}

/** The sign of what the plan itself does not draw. */
export function SpotMark({ kind }: { kind: Spot }) {
  if (kind === 'entrance') return <path className="entrance" d="M-5.5 -6.5h7v13h-7zM1.5 0h5m-2.5 -2.5l2.5 2.5l-2.5 2.5" />
  if (kind === 'canary') return <path className="canary" d="M0 -6.5L6 4.5H-6ZM0 -2.5v3" />
  return null
}
