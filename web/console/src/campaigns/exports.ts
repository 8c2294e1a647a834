import { tableOf, type Column } from '../table'
import type { Line } from './table'

const columns: Column<Line>[] = [
  ['id', ({ of }) => of.campaign.id],
  ['name', ({ name }) => name],
  ['status', ({ of }) => of.campaign.status],
  ['version', ({ of }) => of.campaign.version],
  ['where', ({ where }) => where],
  ['offers', ({ offers }) => offers],
  ['channels', ({ of }) => of.campaign.channels.join(' ')],
  ['sent_14_days', ({ sent }) => sent],
  ['redeemed_share_14_days', ({ redeemedShare }) => redeemedShare],
  ['p95_ms_14_days', ({ p95Ms }) => p95Ms],
  ['updated', ({ of }) => of.campaign.updated],
]

/** The list as a table. */
export const csvOf = (lines: Line[]): string => tableOf(columns, lines)

/** The campaigns of the list, whole. */
export const jsonOf = (lines: Line[]): string => JSON.stringify(lines.map(({ of }) => of.campaign), undefined, 2)
