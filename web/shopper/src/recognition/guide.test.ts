import { expect, test } from 'vitest'
import { begin, next, poses, taken, type Guide } from './guide'
import type { Look } from './quality'

/** Faces of which no two are alike, unless they are the same. */
const side = (n: number): Look => ({ patch: Float32Array.from({ length: 8 }, (_, i) => (i === n ? 1 : 0)) })

/** Looks again and again, five times a second; which looks were taken. */
function watch(guide: Guide, looks: Look[], from = 1_000) {
  const takes: number[] = []
  const says: string[] = []
  looks.forEach((look, i) => {
    const step = next(guide, look, from + i * 200)
    guide = step.guide
    says.push(step.says)
    if (step.take) takes.push(i)
  })
  return { guide, takes, says }
}
const times = (n: number, look: Look) => Array.from({ length: n }, () => look)

test('a photo is taken of each side, when it was good for a while', () => {
  const { takes, guide } = watch(begin(0), [...times(6, side(0)), ...times(8, side(1)), ...times(8, side(2))])
  expect(takes).toEqual([2, 8, 16])
  expect(guide.pose).toBe(poses.length)
})

test('nothing is taken while something is wrong, and it says what', () => {
  const { takes, says } = watch(begin(0), [...times(2, side(0)), { trouble: 'dark' }, ...times(2, side(0)), { trouble: 'several' }])
  expect(takes).toEqual([])
  expect(says[2]).toContain('Too dark')
  expect(says[5]).toContain('More than one face')
})

test('who cannot turn their head is not kept waiting for ever', () => {
  const { takes, says } = watch(begin(0), times(40, side(0)))
  expect(says[4]).toBe(`${poses[1]}.`)
  expect(takes).toEqual([2, 20, 38])
})

test('a photo that was taken by a press counts', () => {
  expect(taken(begin(0), 500)).toMatchObject({ pose: 1, since: 500, taken: [] })
  expect(next({ ...begin(0), pose: 3 }, side(0), 9_000).take).toBe(false)
})
