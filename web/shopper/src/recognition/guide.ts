import { alike, type Look, type Trouble } from './quality'

/** The photos that are asked for, each from another side. */
export const poses = ['Look straight into the camera', 'Turn your head a little to the left', 'Turn your head a little to the right'] as const

/** How far the guided capture has come. Times are milliseconds. */
export interface Guide {
  /** Which photo is next. */
  pose: number
  /** Since when it is asked for. */
  since: number
  /** Looks in a row at which nothing was wrong. */
  good: number
  /** Good looks for this photo altogether. */
  seen: number
  /** What the photos that were taken look like. */
  taken: Float32Array[]
}

export const begin = (now: number): Guide => ({ pose: 0, since: now, good: 0, seen: 0, taken: [] })

const goodInARow = 3
/** A face that is turned is less like the straight one than this. */
const sameSide = 0.9
/** After so many good looks the photo is taken as it is: not everybody can turn their head. */
const patience = 16
/** So that nobody is surprised: the words come first. */
const pause = 900

export interface Step {
  guide: Guide
  /** What to say, in words. */
  says: string
  /** The picture that was just looked at is to be taken. */
  take: boolean
}

/** What one look at the camera's picture leads to. */
export function next(guide: Guide, look: Look, now: number): Step {
  const pose = poses[guide.pose]
  if (!pose) return { guide, says: 'Three photos. Are they good?', take: false }
  if (look.trouble || !look.patch) {
    return { guide: { ...guide, good: 0 }, says: advice[look.trouble ?? 'no_face'], take: false }
  }
  const patch = look.patch
  const after = { ...guide, good: guide.good + 1, seen: guide.seen + 1 }
  const turned = guide.taken.every((other) => alike(other, patch) < sameSide)
  if (!turned && after.seen < patience) return { guide: { ...after, good: 0 }, says: `${pose}.`, take: false }
  if (after.good < goodInARow || now - guide.since < pause) return { guide: after, says: 'Good. Hold still.', take: false }
  return { guide: taken(guide, now, patch), says: `Photo ${guide.pose + 1} of ${poses.length} is taken.`, take: true }
}

/** A photo was taken, by itself or by a press. */
export const taken = (guide: Guide, now: number, patch?: Float32Array): Guide => ({
  pose: guide.pose + 1,
  since: now,
  good: 0,
  seen: 0,
  taken: patch ? [...guide.taken, patch] : guide.taken,
})

const advice: Record<Trouble, string> = {
  no_face: 'No face is to be seen. Hold the phone before your face, or come closer.',
  several: 'More than one face. Only yours should be in the picture.',
  far: 'Too far away. Come closer.',
  aside: 'Bring your face into the middle.',
  dark: 'Too dark. Turn towards the light.',
  bright: 'Too bright. Turn away from the light.',
  flat: 'Little can be seen. Wipe the lens, or find better light.',
  blurred: 'Blurred. Hold still.',
  moving: 'Hold still.',
}
