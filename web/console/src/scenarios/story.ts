import type { Scenario, ScenarioMoment, ScenarioTry } from '@aisle/api'
import { completed } from './draft'

/** An event of a try, as one writes it. */
export interface StoryEvent {
  key: string
  at: string
  type: string
  zone: string
  /** What was searched for, or the category of what it was about. */
  about: string
}

let keys = 0
export const newEvent = (at: string, type: string, zone = '', about = ''): StoryEvent => ({ key: `event ${++keys}`, at, type, zone, about })

const clock = (seconds: number) => new Date(seconds * 1000).toISOString().slice(11, 19)
const noon = 15 * 3600

/** A story in which the scenario is completed, or nearly: each step a minute after the one before, then a time in which nothing happens. */
export function sampleOf(scenario: Scenario, zone: string): { events: StoryEvent[]; clock: string } {
  let at = noon
  const events: StoryEvent[] = []
  for (const step of scenario.steps) {
    if (step.not) {
      at += Math.min((step.for_ns ?? 0) / 1e9, 8 * 3600)
      continue
    }
    for (let n = 0; n < Math.max(1, step.times ?? 1); n++) {
      at += events.length === 0 ? 0 : 60
      const type = step.events[0] ?? ''
      events.push(newEvent(clock(at), type, type.startsWith('zone_') ? zone : '', type.startsWith('product_') || type === 'order_completed' ? 'running shoes' : ''))
    }
  }
  return { events, clock: clock(Math.min(at + 60, 24 * 3600 - 1)) }
}

/** What the server is asked: everybody has consented, and it is today. */
export function askOf(scenario: Scenario, shop: string | undefined, day: string, events: StoryEvent[], clock: string): ScenarioTry {
  return {
    scenario,
    ...(shop && { shop }),
    case: {
      now: `${day} ${events.map(({ at }) => at).toSorted().at(-1) ?? '15:00'}`,
      ...(clock && { clock }),
      shopper: { consents: ['push', 'sms', 'search', 'location', 'face'], phone: '+447700900199' },
      events: events.map(({ at, type, zone, about }) => ({
        at,
        type,
        ...(zone && { zone }),
        ...(about && (type === 'product_searched' ? { query: about } : { category: about })),
        ...(type === completed && about && { scenario: about }),
      })),
    },
  }
}

/** What is shown of a try: not how the shopper came to be known, and not the ticks at which nothing came of it. */
export const worthTelling = (moments: ScenarioMoment[]) =>
  moments.filter(({ event, said, verdict }) => !['identified', 'consent_changed'].includes(event) && !(event === 'timer_due' && said.length === 0 && !verdict))
