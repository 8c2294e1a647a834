import type { APIRequestContext } from '@playwright/test'
import { readFileSync } from 'node:fs'
import path from 'node:path'

const router = readFileSync(path.resolve(import.meta.dirname, '../web/console/src/router.tsx'), 'utf8')

/** Every path of the console's router, as it says them: `campaigns/$campaign`. */
export const consolePaths = [...router.matchAll(/\bpath: '([^'/][^']*)'/g)].map(([, found]) => found!)

/** What else a page shows where its address asks for it. */
export const consoleViews = [
  'campaigns/$campaign?tab=results',
  'campaigns/$campaign?tab=history',
  'scenarios/$scenario?tab=edit',
  'scenarios/$scenario?tab=try',
  'scenarios/$scenario?tab=history',
  'segments/$segment?tab=history',
  'people?show=alike',
  'people/$shopper/features?all=true',
  'shops/$shop?tab=survey',
  'shops/$shop?tab=health',
  'sources/source?tab=changes',
  'sources/source?tab=mapping',
  'sources/source?tab=send',
  'feeds/$feed?tab=history',
  'contracts/$event?tab=history',
  'quarantine?show=each',
]

/** Pages for those who are not signed in; the first set-up is over where a demonstration runs. */
export const strangersPaths = ['sign-in', 'password', 'set-up']

/** Asks the house's own doors. */
const asking = (request: APIRequestContext) => async (door: string) => (await request.get(`/api/${door}`)).json()

type Ask = ReturnType<typeof asking>

/** One thing of each kind that a path is about. */
const things: Record<string, (ask: Ask, request: APIRequestContext) => Promise<string>> = {
  'campaigns/$campaign': async (ask) => `campaigns/${(await ask('campaigns')).campaigns[0].campaign.id}`,
  'scenarios/$scenario': async (ask) => `scenarios/${(await ask('scenarios')).scenarios[0].scenario.id}`,
  'segments/$segment': async (ask, request) => {
    const { segments } = await ask('segments')
    if (segments.length === 0) await request.post('/api/segments', { headers: { 'X-Aisle': '1' }, data: { id: 'gold', name: 'Gold', rule: 'tier == "gold"' } })
    return `segments/${segments[0]?.segment.id ?? 'gold'}`
  },
  'decisions/$decision': async (ask) => `decisions/${(await ask('decisions')).decisions[0].id}`,
  'people/$shopper': async (ask) => `people/${(await ask('people')).people[0].shopper}`,
  'people/$shopper/features': async (ask) => `people/${(await ask('people')).people[0].shopper}/features`,
  'shops/$shop': async (ask) => `shops/${(await ask('shops')).shops[0].id}`,
  'cameras/$camera': async (ask) => `cameras/${(await ask('cameras')).cameras[0].id}`,
  'sources/source': async (ask) => `sources/source?name=${encodeURIComponent((await ask('shapes')).shapes[0].source)}`,
  'feeds/$feed': async (_, request) => {
    const lines = ['Datum;Kunde;Artikel', ...Array.from({ length: 20 }, (_, i) => `0${1 + (i % 9)}.03.2026 10:15;c-${1000 + i};shoe-${i}`)].join('\n')
    const proposed = await request.post('/api/feeds/propose?name=till.csv', { headers: { 'X-Aisle': '1', 'Content-Type': 'application/octet-stream' }, data: Buffer.from(lines) })
    const { plan } = await proposed.json()
    await request.put('/api/feeds/till', { headers: { 'X-Aisle': '1' }, data: { version: 0, plan } }) // 409 where it is kept already
    return 'feeds/till'
  },
  'contracts/$event': async (ask) => `contracts/${(await ask('contracts')).contracts[0].event}`,
  'quarantine/record': async (ask) => `quarantine/record?id=${encodeURIComponent((await ask('quarantine')).records[0].id)}`,
}

/** The address of a page of the console or of a view of one: what a path leaves open is the first that the house has. */
export async function addressOf(view: string, request: APIRequestContext): Promise<string> {
  const [path, search] = view.split('?') as [string, string?]
  const thing = things[path]
  if (!thing && path.includes('$')) throw new Error(`which one of ${path}? say it here`)
  const address = `/console/${thing ? await thing(asking(request), request) : path}`
  return search ? `${address}${address.includes('?') ? '&' : '?'}${search}` : address
}
