import { describe, expect, it } from 'vitest'
import { complete, gridLines, nextStep, shownOf, viewFrom } from './ground'

/** A field of 2 by 4 metres, as a camera over a door sees it. */
const ground = [
  { x: 0.1, y: 0.9, at: { x: 4, y: 8 } },
  { x: 0.9, y: 0.9, at: { x: 2, y: 8 } },
  { x: 0.7, y: 0.3, at: { x: 1.5, y: 12 } },
  { x: 0.3, y: 0.3, at: { x: 4.5, y: 12 } },
]

describe('the view of a camera', () => {
  it('sees the four points where they were shown', () => {
    const view = viewFrom(ground)!
    for (const { x, y, at } of ground) {
      expect(view(at)!.x).toBeCloseTo(x, 9)
      expect(view(at)!.y).toBeCloseTo(y, 9)
    }
  })
  it('sees what is farther away higher in the picture', () => {
    const view = viewFrom(ground)!
    expect(view({ x: 3, y: 16 })!.y).toBeLessThan(0.3)
    expect(view({ x: 3, y: 16 })!.y).toBeGreaterThan(-0.1)
  })
  it('does not see behind itself', () => expect(viewFrom(ground)!({ x: 3, y: -20 })).toBeUndefined())
  it('is none for points on a line', () => expect(viewFrom(ground.map((point, i) => ({ ...point, at: { x: i, y: i } })))).toBeUndefined())
  it('has a grid of metres', () => {
    const lines = gridLines(ground)
    expect(lines.length).toBeGreaterThan(8)
    expect(lines.flat().every(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))).toBe(true)
  })
})

describe('showing the points', () => {
  it('goes from the picture to the plan, and on to the next', () => {
    const shown = shownOf([])
    expect(nextStep(shown, 0)).toEqual({ point: 0, where: 'picture' })
    shown[0] = { picture: { x: 0.1, y: 0.2 } }
    expect(nextStep(shown, 0)).toEqual({ point: 0, where: 'plan' })
    shown[0].at = { x: 1, y: 2 }
    expect(nextStep(shown, 0)).toEqual({ point: 1, where: 'picture' })
    expect(nextStep(shown, 3)).toEqual({ point: 3, where: 'picture' })
    expect(complete(shown)).toBeUndefined()
  })
  it('is done with four', () => {
    expect(complete(shownOf(ground))).toEqual(ground)
    expect(nextStep(shownOf(ground), 2)).toBeUndefined()
  })
})
