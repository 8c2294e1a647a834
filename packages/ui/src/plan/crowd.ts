import type { LivePerson } from '@aisle/api'

/** One dot as it is drawn. */
export interface Walker {
  known: boolean
  /** Two witnesses agree who it is; else it is a possible member. */
  named: boolean
  name?: string
  /** The device of a shopper, in somebody else's hands. */
  lent: boolean
  x: number
  y: number
  /** From 0, just come or gone, to 1. */
  shown: number
  /** An offer was pushed to them within the last minute. */
  offered: boolean
  /** From 0 to 1.3 after an offer was pushed, then absent. */
  pulse?: number
}

interface Step {
  person: LivePerson
  stride: number
  fromX: number
  fromY: number
  since: number
  came: number
  left?: number
  pushed?: number
}

const usual = 500 // ms: people are told twice a second
const fade = 300
const pulse = 1_500

/** People who are told of twice a second and drawn sixty times: they walk from where they were to where they are. */
export function crowd() {
  const steps = new Map<string, Step>()

  const place = (step: Step, time: number) => {
    const part = step.stride > 0 ? Math.min(1, Math.max(0, (time - step.since) / step.stride)) : 1
    return { x: step.fromX + (step.person.x - step.fromX) * part, y: step.fromY + (step.person.y - step.fromY) * part }
  }

  return {
    told(people: LivePerson[], time: number, stride = usual): void {
      const seen = new Set<string>()
      for (const person of people) {
        seen.add(person.key)
        const before = steps.get(person.key)
        const from = before && before.person.floor === person.floor ? place(before, time) : person
        const pushed = person.offered !== undefined && person.offered !== before?.person.offered ? time : before?.pushed
        steps.set(person.key, {
          person,
          stride,
          fromX: from.x,
          fromY: from.y,
          since: time,
          came: before && before.left === undefined ? before.came : time,
          ...(pushed !== undefined && { pushed }),
        })
      }
      for (const [key, step] of steps) if (!seen.has(key)) step.left ??= time
    },

    /** Whether anything will look different a moment later. */
    busy(time: number): boolean {
      return [...steps.values()].some(
        ({ stride, since, came, left, pushed, person, fromX, fromY }) =>
          left !== undefined ||
          time - came < fade ||
          (time - since < Math.max(stride, fade) && (person.x !== fromX || person.y !== fromY)) ||
          (pushed !== undefined && time - pushed < pulse * 1.3),
      )
    },

    at(time: number): Walker[] {
      const walkers: Walker[] = []
      for (const [key, step] of steps) {
        const out = step.left === undefined ? 1 : 1 - (time - step.left) / fade
        if (out <= 0) {
          steps.delete(key)
          continue
        }
        const since = step.pushed === undefined ? Infinity : (time - step.pushed) / pulse
        walkers.push({
          known: step.person.shopper !== undefined,
          named: step.person.name !== undefined,
          ...(step.person.name !== undefined && { name: step.person.name }),
          lent: step.person.lent === true,
          ...place(step, time),
          shown: Math.max(0, Math.min(1, (time - step.came) / fade, out)),
          offered: step.person.offered !== undefined,
          ...(since <= 1.3 && { pulse: since }),
        })
      }
      return walkers
    },
  }
}
