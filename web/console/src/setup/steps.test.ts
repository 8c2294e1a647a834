import type { Shop } from '@aisle/api'
import { expect, test } from 'vitest'
import { newShop, withZone } from '../shops/plan'
import { stepOf, type Step } from './steps'

const bare = newShop('A', 'UTC', 'EUR', 20, 10, [])
const drawn = withZone(bare, 'ground').shop

test.each<{ name: string; shops: Shop[] | undefined; campaigns: number | undefined; want: Step | undefined }>([
  { name: 'not known yet', shops: undefined, campaigns: 0, want: undefined },
  { name: 'no shop', shops: [], campaigns: 0, want: 'shop' },
  { name: 'a shop without zones', shops: [bare], campaigns: 0, want: 'plan' },
  { name: 'a plan without campaigns', shops: [bare, drawn], campaigns: 0, want: 'campaign' },
  { name: 'everything', shops: [drawn], campaigns: 1, want: 'done' },
])('$name', ({ shops, campaigns, want }) => expect(stepOf(shops, campaigns)).toBe(want))
