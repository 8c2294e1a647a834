import type { Floor, Point } from '@aisle/api'
import { box, corners, isBox, rounded, toPixels, type View } from '@aisle/ui'
import { useRef, type KeyboardEvent, type PointerEvent } from 'react'
import { changeCamera, changeReceiver, changeZone, moved, stretched, within, zoneAt, type Chosen, type Corner } from './plan'
import type { Editing } from './PlanEditor'

interface PlanGripsProps {
  editing: Editing
  floor: Floor
  view: View
  chosen: Chosen | undefined
  onChoose: (chosen: Chosen | undefined) => void
  onRemove: (chosen: Chosen) => void
  /** What has a mistake, as "kind id". */
  wrong: Set<string>
  toPlan: (pixels: Point) => Point
}

const steps: Record<string, Point> = { ArrowLeft: { x: -1, y: 0 }, ArrowRight: { x: 1, y: 0 }, ArrowUp: { x: 0, y: -1 }, ArrowDown: { x: 0, y: 1 } }
const cornerCursor = ['nwse-resize', 'nesw-resize', 'nwse-resize', 'nesw-resize']

/** What can be taken hold of on the plan: zones, their corners, receivers and cameras. */
export function PlanGrips({ editing, floor, view, chosen, onChoose, onRemove, wrong, toPlan }: PlanGripsProps) {
  const svg = useRef<SVGSVGElement>(null)
  const { shop } = editing
  const is = (kind: Chosen['kind'], id: string) => chosen?.kind === kind && chosen.id === id

  const place = (event: PointerEvent): Point => {
    const { left, top } = svg.current!.getBoundingClientRect()
    return toPlan({ x: event.clientX - left, y: event.clientY - top })
  }

  /** Follows the pointer from where it went down; `to` says what the shop is when it has moved so far. */
  const drag = (start: PointerEvent, to: (from: Point, at: Point) => typeof shop) => {
    start.preventDefault()
    const from = place(start)
    const target = start.currentTarget as SVGElement
    target.setPointerCapture(start.pointerId)
    target.focus()
    let latest = shop
    const move = (event: globalThis.PointerEvent) => {
      const { left, top } = svg.current!.getBoundingClientRect()
      latest = to(from, toPlan({ x: event.clientX - left, y: event.clientY - top }))
      editing.preview(latest)
    }
    const end = () => {
      target.removeEventListener('pointermove', move)
      target.removeEventListener('pointerup', end)
      target.removeEventListener('pointercancel', end)
      if (latest !== shop) editing.change(latest)
    }
    target.addEventListener('pointermove', move)
    target.addEventListener('pointerup', end)
    target.addEventListener('pointercancel', end)
  }

  const keys = (thing: Chosen, step: (by: Point) => typeof shop) => (event: KeyboardEvent) => {
    const way = steps[event.key]
    if (way) {
      event.preventDefault()
      const metres = event.shiftKey ? 0.1 : 0.5
      editing.change(step({ x: way.x * metres, y: way.y * metres }))
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault()
      onRemove(thing)
    } else if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault()
      onChoose(thing)
    } else if (event.key === 'Escape') {
      onChoose(undefined)
    }
  }

  const moveDevice = (thing: Chosen, at: Point) => {
    const to = within(at, floor)
    const zone = zoneAt(shop, floor.id, to)?.id
    const moved = <T extends { zone: string; at: Point }>(device: T): T => ({ ...device, at: to, zone: zone ?? device.zone })
    return thing.kind === 'receiver' ? changeReceiver(shop, thing.id, moved) : changeCamera(shop, thing.id, moved)
  }

  const devices = [
    ...shop.receivers.filter((receiver) => receiver.floor === floor.id).map(({ id, at }) => ({ kind: 'receiver' as const, id, at, name: `Receiver ${id}` })),
    ...shop.cameras.filter((camera) => camera.floor === floor.id).map(({ id, at }) => ({ kind: 'camera' as const, id, at, name: `Camera ${id}` })),
  ]
  const zones = shop.zones.filter((zone) => zone.floor === floor.id && zone.polygon.length > 2)
  const chosenZone = zones.find(({ id }) => is('zone', id))

  return (
    <svg ref={svg} role="group" aria-label="Zones and devices to move" onPointerDown={(event) => event.target === svg.current && onChoose(undefined)}>
      {zones.map((zone) => {
        const thing: Chosen = { kind: 'zone', id: zone.id }
        const shift = (by: Point) => changeZone(shop, zone.id, (zone) => ({ ...zone, polygon: moved(zone.polygon, by.x, by.y, floor) }))
        const { x, y, width, height } = box(zone.polygon)
        return (
          <path
            key={zone.id}
            className="grip"
            d={rounded(zone.polygon.map((point) => toPixels(view, point)), 5)}
            role="button"
            tabIndex={0}
            aria-pressed={is('zone', zone.id)}
            aria-label={`Zone ${zone.name}, ${width} by ${height} metres, at ${x}, ${y}`}
            data-wrong={wrong.has(`zone ${zone.id}`) || undefined}
            onPointerDown={(event) => {
              onChoose(thing)
              drag(event, (from, at) => shift({ x: at.x - from.x, y: at.y - from.y }))
            }}
            onKeyDown={keys(thing, shift)}
          />
        )
      })}
      {chosenZone &&
        isBox(chosenZone.polygon) &&
        corners(box(chosenZone.polygon)).map((corner, i) => {
          const { x, y } = toPixels(view, corner)
          return (
            <rect
              key={i}
              className="handle"
              x={x - 5}
              y={y - 5}
              width="10"
              height="10"
              rx="2"
              cursor={cornerCursor[i]}
              onPointerDown={(event) => {
                const start = box(chosenZone.polygon)
                drag(event, (_from, at) => changeZone(shop, chosenZone.id, (zone) => ({ ...zone, polygon: corners(stretched(start, i as Corner, at, floor)) })))
              }}
            />
          )
        })}
      {devices.map(({ kind, id, at, name }) => {
        const thing: Chosen = { kind, id }
        const { x, y } = toPixels(view, at)
        return (
          <circle
            key={`${kind} ${id}`}
            className="grip"
            cx={x}
            cy={y}
            r="11"
            role="button"
            tabIndex={0}
            aria-pressed={is(kind, id)}
            aria-label={`${name}, at ${at.x}, ${at.y}`}
            data-wrong={wrong.has(`${kind} ${id}`) || undefined}
            onPointerDown={(event) => {
              onChoose(thing)
              drag(event, (_from, to) => moveDevice(thing, to))
            }}
            onKeyDown={keys(thing, (by) => moveDevice(thing, { x: at.x + by.x, y: at.y + by.y }))}
          />
        )
      })}
    </svg>
  )
}
