import type { Campaign, CampaignDraft, Channel, Offer } from '@aisle/api'
import { minuteOfDay, toMajor, toMinor, toNanos } from '@aisle/ui'

/** A campaign as the form has it: hours instead of nanoseconds, per cent instead of shares, text instead of numbers of minutes. */
export interface Draft {
  name: string
  description: string
  event: string
  shop: string
  zones: string[]
  /** With the event scenario_completed: which one; empty is any. */
  scenario: string
  group: string
  from: string
  until: string
  days: string[]
  fromTime: string
  untilTime: string
  eligibility: string
  applicability: string
  suitability: string
  capTimes: number | ''
  capHours: number | ''
  cooldownHours: number | ''
  channels: Channel[]
  offers: OfferDraft[]
  weight: number | ''
  lever: number | ''
  holdoutPercent: number | ''
  splitPercent: number | ''
}

export interface OfferDraft {
  /** Told apart while it is edited; an offer keeps its id once it has one. */
  key: string
  id: string
  title: string
  body: string
  sms: string
  category: string
  zone: string
  value: number | ''
  currency: string
  discountPercent: number | ''
  validHours: number | ''
}

/** The event that says that a shopper came to the end of a scenario. */
export const scenarioCompleted = 'scenario_completed'

/** What the server calls otherwise than the form. */
export const renamed: Record<string, string> = {
  'trigger.event': 'event',
  'trigger.shop': 'shop',
  'trigger.zones': 'zones',
  'trigger.scenario': 'scenario',
  'schedule.from': 'from',
  'schedule.until': 'until',
  'schedule.days': 'days',
  'schedule.from_minute': 'fromTime',
  'schedule.until_minute': 'untilTime',
  'cap.times': 'capTimes',
  'cap.per_ns': 'capHours',
  cap: 'capTimes',
  cooldown_ns: 'cooldownHours',
  holdout: 'holdoutPercent',
  split: 'splitPercent',
  trigger: 'event',
  valid_ns: 'validHours',
  discount: 'discountPercent',
}

const hour = 3_600_000
const toHours = (ns: number | undefined): number | '' => (ns ? rounded(ns / 1e6 / hour) : '')
const fromHours = (hours: number | '') => toNanos((hours || 0) * hour)
const rounded = (n: number) => Math.round(n * 1e6) / 1e6
const toTime = (minute: number | undefined) => (minute ? minuteOfDay(minute) : '')
const fromTime = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return time ? hours * 60 + minutes : 0
}

let keys = 0
const newKey = () => `offer ${++keys}`

export const newOffer = (currency: string): OfferDraft => ({
  key: newKey(),
  id: '',
  title: '',
  body: '',
  sms: 'Hi {{name}}, {{title}} at {{shop}} until {{until}}. Show code {{code}} at the till. Reply STOP to end.',
  category: '',
  zone: '',
  value: '',
  currency,
  discountPercent: '',
  validHours: 2,
})

export function draftOf(campaign: CampaignDraft, currency: string): Draft {
  const { trigger, schedule = {}, cap } = campaign
  return {
    name: campaign.name,
    description: campaign.description ?? '',
    event: trigger.event,
    shop: trigger.shop ?? '',
    zones: trigger.zones ?? [],
    scenario: trigger.scenario ?? '',
    group: campaign.group ?? '',
    from: schedule.from ?? '',
    until: schedule.until ?? '',
    days: (schedule.days ?? []).map(String),
    fromTime: toTime(schedule.from_minute),
    untilTime: toTime(schedule.until_minute),
    eligibility: campaign.eligibility ?? '',
    applicability: campaign.applicability ?? '',
    suitability: campaign.suitability ?? '',
    capTimes: cap?.times || '',
    capHours: toHours(cap?.per_ns),
    cooldownHours: toHours(campaign.cooldown_ns),
    channels: campaign.channels,
    offers: campaign.offers.map((offer) => ({
      key: newKey(),
      id: offer.id,
      title: offer.title,
      body: offer.body,
      sms: offer.sms,
      category: offer.category ?? '',
      zone: offer.zone ?? '',
      value: offer.value.minor ? toMajor(offer.value.minor, offer.value.currency || currency) : '',
      currency: offer.value.currency ?? currency,
      discountPercent: offer.discount ? rounded(offer.discount * 100) : '',
      validHours: toHours(offer.valid_ns),
    })),
    weight: campaign.weight || '',
    lever: campaign.lever || '',
    holdoutPercent: campaign.holdout ? rounded(campaign.holdout * 100) : '',
    splitPercent: campaign.split ? rounded(campaign.split * 100) : '',
  }
}

/** What the form says, on top of what the campaign was: fields that the form does not show stay as they are. */
export function campaignOf<C extends CampaignDraft | Campaign>(draft: Draft, before: C): C {
  // A rule or a description that is empty is left out.
  const { description: _description, group: _group, eligibility: _eligibility, applicability: _applicability, suitability: _suitability, ...rest } = before
  const text = (name: 'description' | 'group' | 'eligibility' | 'applicability' | 'suitability') => draft[name].trim() && { [name]: draft[name].trim() }
  return {
    ...(rest as C),
    ...text('description'),
    ...text('group'),
    ...text('eligibility'),
    ...text('applicability'),
    ...text('suitability'),
    name: draft.name.trim(),
    trigger: { event: draft.event, ...(draft.shop && { shop: draft.shop }), ...(draft.zones.length > 0 && { zones: draft.zones }), ...(draft.event === scenarioCompleted && draft.scenario && { scenario: draft.scenario }) },
    schedule: {
      ...(draft.from && { from: instant(draft.from) }),
      ...(draft.until && { until: instant(draft.until) }),
      ...(draft.days.length > 0 && draft.days.length < 7 && { days: draft.days.map(Number).toSorted() }),
      ...(draft.fromTime && { from_minute: fromTime(draft.fromTime) }),
      ...(draft.untilTime && { until_minute: fromTime(draft.untilTime) }),
    },
    cap: { times: draft.capTimes || 0, per_ns: draft.capTimes ? fromHours(draft.capHours || 24) : 0 },
    cooldown_ns: fromHours(draft.cooldownHours),
    channels: draft.channels,
    offers: draft.offers.map((offer) => offerOf(offer, before.offers.find(({ id }) => id !== '' && id === offer.id))),
    weight: draft.weight || 0,
    lever: draft.lever || 0,
    holdout: (draft.holdoutPercent || 0) / 100,
    split: (draft.splitPercent || 0) / 100,
  }
}

const offerOf = (draft: OfferDraft, before: Offer | undefined): Offer => {
  const { category: _category, zone: _zone, ...rest } = before ?? ({} as Offer)
  return {
    ...rest,
    id: draft.id,
    title: draft.title.trim(),
    body: draft.body.trim(),
    sms: draft.sms.trim(),
    ...(draft.category.trim() && { category: draft.category.trim().toLowerCase() }),
    ...(draft.zone && { zone: draft.zone }),
    value: { minor: toMinor(draft.value || 0, draft.currency), currency: draft.currency },
    discount: (draft.discountPercent || 0) / 100,
    valid_ns: fromHours(draft.validHours),
  }
}

/** A time of the picker, or of the server, as RFC 3339. */
const instant = (time: string) => new Date(time.includes('T') ? time : time.replace(' ', 'T')).toISOString()

/** What can be told to be wrong before the server is asked, by field. */
export function mistakes(draft: Draft): Record<string, string> {
  const found: Record<string, string> = {}
  if (!draft.name.trim()) found.name = 'Give the campaign a name'
  if (!draft.event) found.event = 'Choose what wakes it'
  if (draft.channels.length === 0) found.channels = 'Choose at least one channel'
  if (draft.offers.length === 0) found.offers = 'A campaign needs an offer'
  if (draft.from && draft.until && instant(draft.until) <= instant(draft.from)) found.until = 'It ends before it begins'
  if (draft.fromTime && draft.untilTime && draft.untilTime <= draft.fromTime) found.untilTime = 'Later than the time from'
  draft.offers.forEach((offer, i) => {
    if (!offer.title.trim()) found[`offers.${i}.title`] = 'Say what the offer is'
    if (draft.channels.includes('sms') && !offer.sms.trim()) found[`offers.${i}.sms`] = 'Write the text message'
    if (!offer.validHours) found[`offers.${i}.validHours`] = 'Say how long it can be redeemed'
  })
  return found
}
