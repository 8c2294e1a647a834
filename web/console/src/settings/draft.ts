import type { House } from '@aisle/api'
import { channelWord, fromNanos, plural, toNanos } from '@aisle/ui'

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
    holdout: Math.round(house.holdout * 1e4) / 100,
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
  check(draft.holdout !== '' && draft.holdout >= 0 && draft.holdout <= 50, 'holdout', 'From 0 to 50 %')
  check(draft.cost === '' || (draft.cost >= 0 && draft.cost <= 100), 'cost', 'From 0 to 100')
  if (draft.quiet) {
    check(minuteOf(draft.from) !== undefined, 'from', 'A time, as 21:00')
    check(minuteOf(draft.until) !== undefined, 'until', 'A time, as 08:00')
    check(draft.from !== draft.until, 'until', 'Not the time at which they begin')
  }
  draft.limits.forEach(({ covers, campaign, tag, times, per, span }, i) => {
    check(covers !== 'campaign' || campaign !== '', `limits.${i}.campaign`, 'Choose a campaign')
    check(covers !== 'tag' || tag.trim() !== '', `limits.${i}.tag`, 'Write the tag')
    check(times !== '' && times >= 0 && times <= 1000, `limits.${i}.times`, 'From 0 to 1000')
    const hours = Number(span) * (per === 'days' ? 24 : 1)
    check(per === 'day' || (hours >= 1 && hours <= 720), `limits.${i}.span`, 'An hour at least, 30 days at most')
  })
  return wrong
}

/** What a limit comes to, in a sentence. */
export function limitSays({ covers, campaign, tag, channel, times, per, span, beyond }: LimitDraft, campaignName: (id: string) => string): string {
  const what = channel ? `message${times === 1 ? '' : 's'} by ${channelWord(channel)}` : `message${times === 1 ? '' : 's'}`
  const of = covers === 'campaign' && campaign ? ` of “${campaignName(campaign)}”` : covers === 'tag' && tag ? ` of campaigns tagged “${tag.trim()}”` : ''
  const when = per === 'day' ? 'in a day of theirs' : per === 'days' ? `in any ${plural(Number(span), 'day')}` : `in any ${plural(Number(span), 'hour')}`
  const then = {
    drop: 'What is beyond that is not sent.',
    hold: 'What is beyond that waits until there is room, as long as its offer holds.',
    replace: 'What is beyond that waits for room, and the best of what waits goes first.',
  }[beyond]
  return times === 0 ? `A shopper gets no messages${channel ? ` by ${channelWord(channel)}` : ''}${of}.` : `A shopper gets at most ${times} ${what}${of} ${when}. ${then}`
}
