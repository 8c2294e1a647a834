import type { LiveZone, Zone } from '@aisle/api'
import { capacity } from '@aisle/ui'

const clearly = 1.25

/** The zone that is fullest for what it holds. The one before stays until another is clearly fuller, so that the screen is calm. */
export function busiest(zones: Pick<Zone, 'id' | 'capacity' | 'polygon'>[], now: Pick<LiveZone, 'zone' | 'people'>[], before: string | undefined): string | undefined {
  const people = new Map(now.map((zone) => [zone.zone, zone.people]))
  const shares = zones.map((zone) => ({ id: zone.id, share: (people.get(zone.id) ?? 0) / capacity(zone) }))
  const fullest = shares.toSorted((a, b) => b.share - a.share)[0]
  const kept = shares.find(({ id }) => id === before)
  return kept && fullest && fullest.share <= kept.share * clearly ? kept.id : fullest?.id
}
