import type { CampaignWithStats } from '@aisle/api'
import { expect, test } from 'vitest'
import { waitingFor } from './waiting'

const asked: CampaignWithStats['approval'] = { needed: true, authors: [], may: false, version: 3, state: 'asked', asked_by: 'Ada' }
const summary = (approval: CampaignWithStats['approval']) => ({ campaign: { id: 'shoes', name: 'Shoes', version: 3 }, approval }) as CampaignWithStats

test.each<[string, CampaignWithStats['approval'], string, string[]]>([
  ['asked by another', asked, 'Ben', ['shoes']],
  ['asked by oneself', asked, 'Ada', []],
  ['changed since it was asked for', { ...asked, version: 2 }, 'Ben', []],
  ['approved', { ...asked, needed: false, state: 'approved' }, 'Ben', []],
  ['declined', { ...asked, state: 'declined' }, 'Ben', []],
  ['no second person looks at campaigns', undefined, 'Ben', []],
])('%s', (_, approval, me, want) => expect(waitingFor([summary(approval)], me).map(({ id }) => id)).toEqual(want))
