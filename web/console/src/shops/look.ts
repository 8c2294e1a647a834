import type { Point } from '@aisle/api'
import type { View } from '@aisle/ui'

/** Looking closer at a plan: a factor on the view that fits, and how far it was moved, in pixels. */
export interface Look {
  zoom: number
  x: number
  y: number
}

export const whole: Look = { zoom: 1, x: 0, y: 0 }
const most = 20

/** The view of a look. */
export const viewOf = (fitted: View, { zoom, x, y }: Look): View => ({ scale: fitted.scale * zoom, left: fitted.left * zoom + x, top: fitted.top * zoom + y })

/** Closer by a factor, so that what is under a pixel stays there. The whole floor is the farthest. */
export function zoomedAt({ zoom, x, y }: Look, factor: number, at: Point): Look {
  const to = Math.min(most, Math.max(1, zoom * factor))
  if (to === 1) return whole
  const by = to / zoom
  return { zoom: to, x: at.x - (at.x - x) * by, y: at.y - (at.y - y) * by }
}

export const panned = (look: Look, dx: number, dy: number): Look => (look.zoom === 1 ? look : { ...look, x: look.x + dx, y: look.y + dy })

/** Not so far aside that nothing of the plan is seen. */
export function kept(look: Look, width: number, height: number): Look {
  const low = (size: number) => size * (1 - look.zoom)
  return look.zoom === 1 ? whole : { ...look, x: Math.min(0, Math.max(low(width), look.x)), y: Math.min(0, Math.max(low(height), look.y)) }
}
