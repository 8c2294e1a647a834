import type { Campaign, CampaignWithStats, Shop } from '@aisle/api'
import { campaignState, type State } from '@aisle/ui'
import { t } from './words'

/** One line of the list of campaigns. */
export interface Line {
  of: CampaignWithStats
  name: string
  offers: string
  where: string
  sent: number
  /** Of what was sent; absent where nothing was. */
  redeemedShare?: number
  p95Ms?: number
  sentByDay: number[]
}

export function lineOf(of: CampaignWithStats, shops: Shop[]): Line {
  const { campaign, stats } = of
  const sentByDay = stats.days.map(({ counts }) => counts.sent)
  const sent = sentByDay.reduce((sum, n) => sum + n, 0)
  const redeemed = stats.days.reduce((sum, { counts }) => sum + counts.redeemed, 0)
  return {
    of,
    name: campaign.name,
    offers: campaign.offers.map(({ title }) => title).join(', '),
    where: where(campaign.trigger, shops),
    sent,
    ...(sent > 0 && { redeemedShare: redeemed / sent }),
    ...(stats.p95_ms > 0 && { p95Ms: stats.p95_ms }),
    sentByDay,
  }
}

/** How a campaign stands at a time: one that lives says nothing before it begins, and after its end. */
export function standing({ status, schedule }: Pick<Campaign, 'status' | 'schedule'>, now: number): State {
  if (status === 'live' && schedule?.until && Date.parse(schedule.until) <= now) return { word: t.list.over, tone: 'none' }
  if (status === 'live' && schedule?.from && Date.parse(schedule.from) > now) return { word: t.list.planned, tone: 'info' }
  return campaignState(status)
}

/** The zones that wake a campaign, or its shop, or anywhere. */
export function where(trigger: { shop?: string; zones?: string[] }, shops: Shop[]): string {
  const shop = shops.find(({ id }) => id === trigger.shop)
  const zones = (shop ? [shop] : shops).flatMap(({ zones }) => zones)
  if (trigger.zones?.length) return trigger.zones.map((id) => zones.find((zone) => zone.id === id)?.name ?? id).join(', ')
  return shop?.name ?? trigger.shop ?? t.list.anywhere
}

const columns = {
  name: (line: Line) => line.name.toLowerCase(),
  sent: (line: Line) => line.sent,
  redeemed: (line: Line) => line.redeemedShare ?? -1,
  p95: (line: Line) => line.p95Ms ?? Infinity,
}
export type Column = keyof typeof columns

/** `sent` sorts upwards, `-sent` downwards; anything else leaves the order. */
export function sorted(lines: Line[], sort: string | undefined): Line[] {
  const name = sort?.replace(/^-/, '')
  if (name === undefined || !(name in columns)) return lines
  const value = columns[name as Column]
  const way = sort!.startsWith('-') ? -1 : 1
  return lines.toSorted((a, b) => (value(a) < value(b) ? -way : value(a) > value(b) ? way : 0))
}

/** What the address says after a click on a column: upwards, downwards, as it was. */
export function nextSort(sort: string | undefined, column: Column): string | undefined {
  const firstDown = column !== 'name'
  const first = firstDown ? `-${column}` : column
  const second = firstDown ? column : `-${column}`
  return sort === first ? second : sort === second ? undefined : first
}

export const matches = (line: Line, query: string): boolean => {
  const text = `${line.name} ${line.offers} ${line.where} ${line.of.campaign.id} ${line.of.campaign.tags?.join(' ') ?? ''}`.toLowerCase()
  return query.toLowerCase().split(/\s+/).every((word) => text.includes(word))
}
