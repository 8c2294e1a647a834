import { describe, expect, it } from 'vitest'
import { drawing, row, type MergedIn, type Tie } from './ties'

const tie = (type: string, from?: string): Tie => ({ type, value: type, ...(from ? { from } : {}) })
const merged = (shopper: string, into: string): MergedIn => ({ shopper, label: shopper, into, identifiers: 1 })
const identity = (identifiers: Tie[], all: MergedIn[] = []) => ({ shopper: 'ana', label: 'ANA', identifiers, merged: all, apart: [] })

describe('drawing', () => {
  it('puts what events tied first, and what others brought beside them', () => {
    const drawn = drawing(identity([tie('customer_id'), tie('phone', 'ben'), tie('cookie'), tie('tag', 'ben')], [merged('ben', 'ana')]))
    expect(drawn.identifiers.map(({ tie }) => tie.type)).toEqual(['customer_id', 'cookie', 'phone', 'tag'])
    expect(drawn.merged).toHaveLength(1)
    const [, , phone, tag] = drawn.identifiers
    expect(drawn.merged[0]?.y).toBe(((phone?.y ?? 0) + (tag?.y ?? 0)) / 2)
    expect(phone?.from).toBe(drawn.merged[0]?.y)
    expect(drawn.height).toBeGreaterThanOrEqual(4 * row)
  })
  it('keeps rows apart', () => {
    const { identifiers } = drawing(identity([tie('cookie'), tie('tag', 'a'), tie('phone', 'b')], [merged('a', 'ana'), merged('b', 'ana')]))
    const ys = identifiers.map(({ y }) => y)
    for (let at = 1; at < ys.length; at++) expect((ys[at] ?? 0) - (ys[at - 1] ?? 0)).toBeGreaterThanOrEqual(row)
  })
  it('names who had turned out to be somebody before', () => {
    const drawn = drawing(identity([tie('phone', 'ben')], [merged('ben', 'ana'), merged('cleo', 'ben'), merged('dan', 'cleo')]))
    expect(drawn.merged.map(({ others }) => others.map(({ shopper }) => shopper))).toEqual([['cleo', 'dan']])
  })
  it('draws what a forgotten one brought as the shopper’s own', () => {
    expect(drawing(identity([tie('phone', 'gone')])).identifiers[0]?.from).toBe(-1)
  })
  it('has room for nobody', () => expect(drawing(identity([])).height).toBe(row))
})
