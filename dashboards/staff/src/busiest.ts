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

/** How many people were in a zone over the last minutes, on the average; now, where that is none. */
export function over(minutes: number, people: number, history: number[]): number {
  const counted = minutes > 0 ? history.slice(-minutes) : []
  return counted.length === 0 ? people : counted.reduce((sum, n) => sum + n, 0) / counted.length
}

/** How many more people are in the zones than ten minutes ago; nothing where that is not known of all of them. */
export function moreThanBefore(now: Pick<LiveZone, 'people' | 'history'>[]): number | undefined {
  let more = 0
  for (const { people, history } of now) {
    const before = history.at(-11) // the last is now
    if (before === undefined) return undefined
    more += people - before
  }
  return now.length > 0 ? more : undefined
}
