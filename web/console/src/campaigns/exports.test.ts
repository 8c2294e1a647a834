import type { CampaignWithStats } from '@aisle/api'
import { expect, test } from 'vitest'
import { csvOf, jsonOf } from './exports'
import { lineOf } from './table'

const of: CampaignWithStats = {
  campaign: { id: 'shoes', name: '=cmd("x"), "all"', status: 'live', version: 3, trigger: { event: 'zone_dwelled' }, channels: ['app', 'sms'], offers: [] },
  stats: { p95_ms: 0, days: [] } as unknown as CampaignWithStats['stats'],
}

test('the list as a table is quoted, and holds no formula', () => {
  expect(csvOf([lineOf(of, [])]).split('\r\n')).toEqual([
    'id,name,status,version,where,offers,channels,sent_14_days,redeemed_share_14_days,p95_ms_14_days,updated',
    `shoes,"'=cmd(""x""), ""all""",live,3,Anywhere,,app sms,0,,,`,
  ])
})

test('the list as JSON is the campaigns', () => expect(JSON.parse(jsonOf([lineOf(of, [])]))).toEqual([of.campaign]))
