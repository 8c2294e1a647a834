import { useShape, useShapes } from '@aisle/api'
import type { Known } from './StepsEditor'

/** What a source has sent: its events, and the fields of the one that it sends most. */
export function useKnown(source: string, event?: string): Known {
  const shapes = useShapes()
  const mine = (shapes.data ?? []).filter((shape) => shape.source === source)
  const events = mine.map((shape) => shape.event)
  const most = mine.toSorted((a, b) => b.count - a.count)[0]?.event
  const shape = useShape(source, event && events.includes(event) ? event : (most ?? ''))
  return { events, fields: (shape.data?.fields ?? []).map(({ path }) => path) }
}
