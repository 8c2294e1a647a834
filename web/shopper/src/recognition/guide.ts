import { m } from '../words'
import type { Look } from './quality'

/** How many photos are asked for, each from another side. */
export const poses = 3

/** How far the guided capture has come. Times are milliseconds. */
export interface Guide {
  /** Which photo is next. */
  pose: number
  /** Since when it is asked for. */
  since: number
  /** Looks in a row at which nothing was wrong. */
  good: number
}

export const begin = (now: number): Guide => ({ pose: 0, since: now, good: 0 })

const goodInARow = 2
/**
 * The words come first, and time to do what they ask for. Whether a head is turned is not looked at: what finds a face
 * is not exact enough to tell a little from not at all, and not everybody can.
 */
const time = [1_000, 2_500, 2_500]

export interface Step {
  guide: Guide
  /** What to say, in words. */
  says: string
  /** The picture that was just looked at is to be taken. */
  take: boolean
}

/** What one look at the camera's picture leads to. */
export function next(guide: Guide, { trouble }: Look, now: number): Step {
  if (guide.pose >= poses) return { guide, says: m.areGood, take: false }
  if (trouble) return { guide: { ...guide, good: 0 }, says: m.advice[trouble], take: false }
  const after = { ...guide, good: guide.good + 1 }
  if (now - guide.since < time[guide.pose]!) return { guide: after, says: m.sentence(m.poses[guide.pose]!), take: false }
  if (after.good < goodInARow) return { guide: after, says: m.holdStill, take: false }
  return { guide: taken(guide, now), says: m.taken(guide.pose + 1, poses), take: true }
}

/** A photo was taken, by itself or by a press. */
export const taken = (guide: Guide, now: number): Guide => ({ pose: guide.pose + 1, since: now, good: 0 })
