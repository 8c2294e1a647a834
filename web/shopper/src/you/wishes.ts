import type { Message, Wishes } from '../api'

/** Minutes of a day. */
export const day = 24 * 60

/** What quiet hours of one's own begin with: a night. */
export const night = { from_minute: 21 * 60, until_minute: 8 * 60 }

/** How much a day the app lets one choose; 0 is as the shop does. */
export const budgets = [0, 1, 2, 4, 6, 10]

/** "21:00", as an input of the type time has it. */
export const timeOf = (minute: number) => [Math.floor(minute / 60) % 24, minute % 60].map((part) => String(part).padStart(2, '0')).join(':')

/** Minutes after midnight; undefined where it is no time. */
export function minuteOf(time: string): number | undefined {
  const parts = /^(\d\d):(\d\d)/.exec(time)
  return parts ? Number(parts[1]) * 60 + Number(parts[2]) : undefined
}

/** What the messages of today cost together, by the phone's clock. */
export function usedToday(messages: Message[], now: number): number {
  const today = new Date(now).toDateString()
  return messages.filter(({ at }) => new Date(at).toDateString() === today).reduce((sum, { cost }) => sum + cost, 0)
}

/** Wishes with a change; without quiet hours of one's own the shop's hold. */
export function withWish(wishes: Wishes, change: Partial<{ quiet: Wishes['quiet'] | undefined; budget: number }>): Wishes {
  const { quiet, budget } = { ...wishes, ...change }
  return { ...(quiet && { quiet }), ...(budget && { budget }) }
}
