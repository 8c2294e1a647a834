import type { Zone } from '@aisle/api'
import { area } from './geometry'

const roomy = 4 // square metres a person, where a zone does not say how many it holds

/** How many people a zone holds. */
export const capacity = (zone: Pick<Zone, 'capacity' | 'polygon'>): number => zone.capacity || Math.max(1, Math.round(area(zone.polygon) / roomy))

/** The ground of a zone that is so full: warm, from quiet (0) to busy (1 and more). */
export function heat(share: number): string {
  const place = Math.min(1, Math.max(0, share)) * 3
  const step = Math.min(2, Math.floor(place))
  const part = Math.round((place - step) * 100)
  return `color-mix(in oklab, var(--heat-${step + 2}) ${part}%, var(--heat-${step + 1}))`
}
