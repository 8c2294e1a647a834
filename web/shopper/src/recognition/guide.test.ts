import { beforeAll, expect, test } from 'vitest'
import { m, sayMore } from '../words'
import { begin, next, poses, taken, type Guide } from './guide'
import type { Look } from './quality'

beforeAll(sayMore)

/** Looks again and again, five times a second; which looks were taken. */
function watch(guide: Guide, looks: Look[]) {
  const takes: number[] = []
  const says: string[] = []
  looks.forEach((look, i) => {
    const step = next(guide, look, i * 200)
    guide = step.guide
    says.push(step.says)
    if (step.take) takes.push(i)
  })
  return { guide, takes, says }
}
const good = (n: number): Look[] => Array.from({ length: n }, () => ({}))

test('a photo is taken of each side, after there was time to turn', () => {
  const { takes, says, guide } = watch(begin(0), good(40))
  expect(takes).toEqual([5, 18, 31])
  expect(says[6]).toBe(`${m.poses[1]}.`)
  expect(guide.pose).toBe(poses)
  expect(next(guide, {}, 9_000).take).toBe(false)
})

test('nothing is taken while something is wrong, and it says what', () => {
  const { takes, says } = watch(begin(-5_000), [{}, { trouble: 'dark' }, {}, { trouble: 'several' }])
  expect(takes).toEqual([])
  expect(says[1]).toContain('Too dark')
  expect(says[2]).toBe('Good. Hold still.')
  expect(says[3]).toContain('More than one face')
})

test('a photo that was taken by a press counts', () => {
  expect(taken(begin(0), 500)).toEqual({ pose: 1, since: 500, good: 0 })
})
