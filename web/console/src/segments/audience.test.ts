import type { Audience } from '@aisle/api'
import { describe, expect, it } from 'vitest'
import { howMany, ofWhom, share } from './audience'

const none = { count: 0, margin: 0 }
const counted: Audience = { shoppers: { count: 640, margin: 0 }, matching: none, reached: none, channels: {}, sampled: 640, whole: true, moment: [], at: '', took_ms: 3 }

describe('how many shoppers a rule lets in', () => {
  it.each([
    [4218, 0, '4,218'],
    [0, 0, '0'],
    [12_431, 288, 'about 12,400 ± 300'],
    [12_431, 301, 'about 12,400 ± 400'],
    [3, 7, 'about 3 ± 7'],
  ])('says %d ± %d as exactly as it is known', (count, margin, want) => expect(howMany({ count, margin })).toBe(want))
  it('says of whom they are', () => {
    expect(ofWhom(counted)).toBe('of 640 known')
    expect(ofWhom({ ...counted, shoppers: { count: 1_203_441, margin: 9000 }, sampled: 20_114, whole: false })).toBe('of about 1,203,000 known, from a sample of 20,114')
  })
  it('draws no share of nobody', () => {
    expect([share({ count: 5, margin: 0 }, { count: 20, margin: 0 }), share(none, none)]).toEqual([25, 0])
  })
})
