import './shops.css'
import type { DeviceHealth, Floor, Point, Shop } from '@aisle/api'
import { FloorPlan, toMetres, type View } from '@aisle/ui'
import { Maximize, Minus, Plus } from 'lucide-react'
import { useEffect, useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react'
import { kept, panned, viewOf, whole, zoomedAt, type Look } from './look'
import { t } from './words'

interface PlanSurfaceProps {
  shop: Shop
  floor: Floor
  label: string
  health?: Map<string, DeviceHealth>
  /** The plan was pressed where nothing is that takes it. */
  onPress?: ((at: Point) => void) | undefined
  /** Pressing the plan does something: the pointer says so. */
  tool?: boolean
  /** Drawn over the plan; its svg has `data-ground`. */
  children: (view: View) => ReactNode
}

/** A finger, or the mouse's pressed button. */
interface Finger {
  at: Point
  /** What stands on the plan and goes where the finger goes. */
  holds?: EventTarget | undefined
}

const step = 1.4
const still = 5 // pixels that a press may move

/** A plan to look at closely: wheel with Ctrl or two fingers zoom, drag moves, + − 0 on the keyboard. */
export function PlanSurface({ shop, floor, label, health, onPress, tool, children }: PlanSurfaceProps) {
  const [look, setLook] = useState<Look>(whole)
  const ref = useRef<HTMLDivElement>(null)
  const view = useRef<View>(undefined)
  const fingers = useRef(new Map<number, Finger>())
  const pressed = useRef<{ at: Point; moved: boolean } | undefined>(undefined)

  const change = (to: (look: Look) => Look) => {
    const { width, height } = ref.current!.getBoundingClientRect()
    setLook((look) => kept(to(look), width, height))
  }
  const zoom = (factor: number, at?: Point) => {
    const { width, height } = ref.current!.getBoundingClientRect()
    change((look) => zoomedAt(look, factor, at ?? { x: width / 2, y: height / 2 }))
  }
  const here = ({ clientX, clientY }: { clientX: number; clientY: number }): Point => {
    const { left, top } = ref.current!.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }

  useEffect(() => setLook(whole), [floor.id])

  // React's wheel listeners are passive, and could not keep the page from moving.
  useEffect(() => {
    const element = ref.current!
    const wheel = (event: WheelEvent) => {
      const { left, top, width, height } = element.getBoundingClientRect()
      const set = (to: (look: Look) => Look) => setLook((look) => kept(to(look), width, height))
      if (event.ctrlKey || event.metaKey) {
        event.preventDefault()
        set((look) => zoomedAt(look, Math.exp(-event.deltaY / 300), { x: event.clientX - left, y: event.clientY - top }))
      } else if (element.dataset.zoomed) {
        event.preventDefault()
        set((look) => panned(look, -event.deltaX, -event.deltaY))
      }
    }
    element.addEventListener('wheel', wheel, { passive: false })
    return () => element.removeEventListener('wheel', wheel)
  }, [])

  const isGround = (target: EventTarget) => target instanceof Element && target.hasAttribute('data-ground')

  const down = (event: PointerEvent) => {
    if (event.button > 0) return
    if (event.isPrimary) fingers.current.clear() // whose end was not told
    const second = fingers.current.size > 0
    if (second) {
      // Two fingers look closer, whatever is under them.
      event.stopPropagation()
      for (const [pointerId, finger] of fingers.current) {
        finger.holds?.dispatchEvent(new window.PointerEvent('pointercancel', { pointerId }))
        finger.holds = undefined
      }
    }
    const holds = second || isGround(event.target) ? undefined : event.target
    fingers.current.set(event.pointerId, { at: here(event), holds })
    pressed.current = holds ? undefined : { at: here(event), moved: second }
    if (!holds) (event.target as Element).setPointerCapture(event.pointerId)
  }
  const move = (event: PointerEvent) => {
    const finger = fingers.current.get(event.pointerId)
    if (!finger) return
    const [was, now] = [finger.at, here(event)]
    finger.at = now
    const [other] = [...fingers.current].filter(([id]) => id !== event.pointerId).map(([, { at }]) => at)
    if (other) {
      const before = Math.hypot(was.x - other.x, was.y - other.y)
      if (before > 0) zoom(Math.hypot(now.x - other.x, now.y - other.y) / before, { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 })
    } else if (pressed.current) {
      pressed.current.moved ||= Math.hypot(now.x - pressed.current.at.x, now.y - pressed.current.at.y) > still
      if (pressed.current.moved) change((look) => panned(look, now.x - was.x, now.y - was.y))
    }
  }
  const up = (event: PointerEvent) => {
    if (!fingers.current.delete(event.pointerId)) return
    const press = pressed.current
    if (event.type === 'pointerup' && press && !press.moved && view.current) onPress?.(toMetres(view.current, press.at))
    if (fingers.current.size === 0) pressed.current = undefined
  }
  const keys = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target instanceof HTMLInputElement) return
    if (event.key === '+' || event.key === '=') zoom(step)
    else if (event.key === '-') zoom(1 / step)
    else if (event.key === '0') setLook(whole)
    else return
    event.preventDefault()
  }

  const zoomed = t.unit.percent(String(Math.round(look.zoom * 100)))
  return (
    // The keys are for whatever on the plan has the focus.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div className="surface" dir="ltr" ref={ref} data-zoomed={look.zoom > 1 || undefined} data-tool={tool || undefined} onPointerDownCapture={down} onPointerMove={move} onPointerUp={up} onPointerCancel={up} onKeyDown={keys}>
      <FloorPlan shop={shop} floor={floor} label={label} {...(health && { health })} look={(fitted) => viewOf(fitted, look)}>
        {(at) => {
          view.current = at
          return children(at)
        }}
      </FloorPlan>
      <div className="surface-bar" role="group" aria-label={t.surface.title}>
        <button type="button" aria-label={t.surface.farther} disabled={look.zoom === 1} onClick={() => zoom(1 / step)}>
          <Minus size={14} aria-hidden />
        </button>
        <button type="button" aria-label={t.surface.whole(zoomed)} onClick={() => setLook(whole)}>
          {look.zoom === 1 ? <Maximize size={13} aria-hidden /> : zoomed}
        </button>
        <button type="button" aria-label={t.surface.closer} onClick={() => zoom(step)}>
          <Plus size={14} aria-hidden />
        </button>
      </div>
    </div>
  )
}
