import { describe, expect, it } from 'vitest'
import { card, cardsIn, layout, nearest } from './layout'

const does = { not: false, for: '' }
const until = { not: true, for: '' }
const during = { not: true, for: '20 min' }

describe('the canvas', () => {
  it('sets steps behind one another, and what follows behind them', () => {
    const { places, lines } = layout([does, during], 4)
    expect(places.map(({ y }) => y)).toEqual([0, 0, 0])
    expect(places[1]!.x - places[0]!.x).toBeGreaterThan(card.width)
    expect(lines).toEqual([
      { from: 0, to: 1, guard: false },
      { from: 1, to: 2, guard: false },
    ])
  })

  it('hangs what must not happen until a step below that step', () => {
    const { places, lines } = layout([does, until, until, does], 4)
    expect(places[1]!.x).toBe(places[3]!.x)
    expect(places[1]!.y).toBeGreaterThan(places[3]!.y + card.height)
    expect(places[2]!.y).toBeGreaterThan(places[1]!.y + card.height)
    expect(lines).toContainEqual({ from: 0, to: 3, guard: false })
    expect(lines).toContainEqual({ from: 1, to: 3, guard: true })
  })

  it('keeps in the row what cannot hang: the first, and one with nothing behind it', () => {
    expect(layout([until, does], 4).places.map(({ y }) => y)).toEqual([0, 0, 0])
    expect(layout([does, until], 4).places.map(({ y }) => y)).toEqual([0, 0, 0])
  })

  it('goes on in the next row, below what hangs', () => {
    const { places, lines, height } = layout([does, until, does, does], 2)
    expect(places[3]!.x).toBe(0)
    expect(places[3]!.y).toBeGreaterThan(places[1]!.y + card.height)
    expect(lines.find(({ to }) => to === 3)?.turn).toBeLessThan(places[3]!.y)
    expect(height).toBe(places[3]!.y + card.height)
  })

  it('knows nothing but the end of an empty scenario', () => expect(layout([], 3)).toMatchObject({ places: [{ x: 0, y: 0 }], lines: [], width: card.width }))

  it('finds the step where a card was let go, never the end', () => {
    const all = layout([does, does, does], 4)
    expect(nearest(all, { x: all.places[1]!.x + 20, y: 30 })).toBe(1)
    expect(nearest(all, { x: 9_000, y: 0 })).toBe(2)
  })

  it.each([[100, 1], [480, 2], [479, 1], [1_100, 4]])('%i wide holds %i', (width, cards) => expect(cardsIn(width)).toBe(cards))
})
