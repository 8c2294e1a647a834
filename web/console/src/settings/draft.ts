import type { House } from '@aisle/api'
import { channelWord, fromNanos, toNanos } from '@aisle/ui'
import { t } from './words'

export type Limit = NonNullable<House['limits']>[number]

/** A limit as it is written in the form. */
export interface LimitDraft {
  /** React's, while the form is open. */
  key: string
  covers: 'any' | 'campaign' | 'tag'
  campaign: string
  tag: string
  channel: string
  times: number | ''
  per: 'day' | 'hours' | 'days'
  span: number | ''
  beyond: NonNullable<Limit['beyond']>
}

/** The house as it is written in the form. */
export interface HouseDraft {
  holdout: number | ''
  approvals: boolean
  quiet: boolean
  from: string
  until: string
  cost: number | ''
  limits: LimitDraft[]
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs

const clockOf = (minute: number) => `${String(Math.floor((minute % 1440) / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** The minute after midnight of 21:30, nothing if it is no time. */
export function minuteOf(clock: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d{2})$/.exec(clock) ?? []
  if (hours === undefined || minutes === undefined || Number(hours) > 23 || Number(minutes) > 59) return undefined
  return Number(hours) * 60 + Number(minutes)
}

export const newLimit = (key: string): LimitDraft => ({ key, covers: 'any', campaign: '', tag: '', channel: '', times: 1, per: 'day', span: 1, beyond: 'drop' })

function limitDraft({ campaign = '', tag = '', channel, times, per_ns = 0, beyond = 'drop' }: Limit, key: string): LimitDraft {
  const ms = fromNanos(per_ns)
  const per = ms === 0 ? 'day' : ms % dayMs === 0 ? 'days' : 'hours'
  return { key, covers: campaign ? 'campaign' : tag ? 'tag' : 'any', campaign, tag, channel: channel ?? '', times, per, span: ms === 0 ? 1 : ms / (per === 'days' ? dayMs : hourMs), beyond }
}

/** @param night what quiet hours begin as where the house has none yet */
export function draftOf(house: House, night: { from_minute: number; until_minute: number }): HouseDraft {
  const quiet = house.quiet ?? night
  return {
    holdout: house.holdout ? Math.round(house.holdout * 1e4) / 100 : '',
    approvals: house.approvals === true,
    quiet: Boolean(house.quiet),
    from: clockOf(quiet.from_minute),
    until: clockOf(quiet.until_minute),
    cost: house.cost_per_day || '',
    limits: (house.limits ?? []).map((limit, i) => limitDraft(limit, `kept-${i}`)),
  }
}

function limitOf({ covers, campaign, tag, channel, times, per, span, beyond }: LimitDraft): Limit {
  return {
    times: Number(times),
    beyond,
    ...(covers === 'campaign' && { campaign }),
    ...(covers === 'tag' && { tag: tag.trim() }),
    ...(channel && { channel: channel as NonNullable<Limit['channel']> }),
    ...(per !== 'day' && { per_ns: toNanos(Number(span) * (per === 'days' ? dayMs : hourMs)) }),
  }
}

/** What is to be kept: the house as it was read, with what the form says. */
export function houseOf(draft: HouseDraft, house: House): House {
  return {
    ...house,
    holdout: Number(draft.holdout) / 100,
    approvals: draft.approvals,
    quiet: draft.quiet ? { from_minute: minuteOf(draft.from)!, until_minute: minuteOf(draft.until)! } : null,
    cost_per_day: Number(draft.cost),
    limits: draft.limits.map(limitOf),
  }
}

/** What is wrong with which field, before the server is asked. */
export function mistakesIn(draft: HouseDraft): Record<string, string> {
  const wrong: Record<string, string> = {}
  const check = (ok: boolean, field: string, says: string) => {
    if (!ok) wrong[field] = says
  }
  check(draft.holdout === '' || (draft.holdout >= 0 && draft.holdout <= 50), 'holdout', t.mistakes.holdout)
  check(draft.cost === '' || (draft.cost >= 0 && draft.cost <= 100), 'cost', t.mistakes.cost)
  if (draft.quiet) {
    check(minuteOf(draft.from) !== undefined, 'from', t.mistakes.from)
    check(minuteOf(draft.until) !== undefined, 'until', t.mistakes.until)
    check(draft.from !== draft.until, 'until', t.mistakes.same)
  }
  draft.limits.forEach(({ covers, campaign, tag, times, per, span }, i) => {
    check(covers !== 'campaign' || campaign !== '', `limits.${i}.campaign`, t.mistakes.campaign)
    check(covers !== 'tag' || tag.trim() !== '', `limits.${i}.tag`, t.mistakes.tag)
    check(times !== '' && times >= 0 && times <= 1000, `limits.${i}.times`, t.mistakes.times)
    const hours = Number(span) * (per === 'days' ? 24 : 1)
    check(per === 'day' || (hours >= 1 && hours <= 720), `limits.${i}.span`, t.mistakes.span)
  })
  return wrong
}

/** What a limit comes to, in a sentence. */
export function limitSays({ covers, campaign, tag, channel, times, per, span, beyond }: LimitDraft, campaignName: (id: string) => string): string {
  const { says } = t
  const by = channel ? says.by(channelWord(channel)) : ''
  const of = covers === 'campaign' && campaign ? says.ofCampaign(campaignName(campaign)) : covers === 'tag' && tag ? says.ofTag(tag.trim()) : ''
  if (times === 0) return says.none(by, of)
  const when = per === 'day' ? says.inDay : per === 'days' ? says.inDays(Number(span)) : says.inHours(Number(span))
  return `${says.most(Number(times), by, of, when)} ${says[beyond]}`
}
