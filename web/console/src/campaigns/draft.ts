import type { Campaign, CampaignDraft, Channel, Offer, Representation } from '@aisle/api'
import { minuteOfDay, toMajor, toMinor, toNanos } from '@aisle/ui'
import type { Group } from './ruleTree'
import { unknownPlaceholders } from './sms'
import { t } from './words'

export type RuleName = 'eligibility' | 'applicability' | 'suitability'

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
  /** It is for those who belong to all of these. */
  segments: string[]
  eligibility: string
  applicability: string
  suitability: string
  /** Those of the three that are built: of what. */
  trees: Partial<Record<RuleName, Group>>
  capTimes: number | ''
  capHours: number | ''
  cooldownHours: number | ''
  channels: Channel[]
  offers: OfferDraft[]
  placements: string[]
  fallback: string[]
  contexts: ContextDraft[]
  capPerPlacement: boolean
  weight: number | ''
  lever: number | ''
  holdoutPercent: number | ''
  splitPercent: number | ''
  /** An own model that says how likely its offers are taken; empty is the house's. */
  model: string
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
  /** It ends once its shopper has been out of the shop for so long; empty is never. */
  awayMinutes: number | ''
  /** How many can be redeemed at all; empty is any number. */
  stock: number | ''
  translations: TranslationDraft[]
  representations: RepresentationDraft[]
}

/** The text message in another language. */
export interface TranslationDraft {
  key: string
  language: string
  sms: string
}

/** How the offer looks in a placement, or in all of a kind. */
export interface RepresentationDraft {
  key: string
  placement: string
  title: string
  text: string
  image: string
  link: string
  button: string
}

/** More or less weight where something is so: weather is rain, 30 per cent. */
export interface ContextDraft {
  key: string
  name: string
  value: string
  percent: number | ''
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
  'cap.per_placement': 'capPerPlacement',
  trigger: 'event',
  valid_ns: 'validHours',
  away_ns: 'awayMinutes',
  discount: 'discountPercent',
}

const hour = 3_600_000
// Not rounded: what nobody changed is kept to the nanosecond, four minutes as well.
const toHours = (ns: number | undefined): number | '' => (ns ? ns / 1e6 / hour : '')
const fromHours = (hours: number | '') => toNanos((hours || 0) * hour)
const rounded = (n: number) => Math.round(n * 1e6) / 1e6
const toTime = (minute: number | undefined) => (minute ? minuteOfDay(minute) : '')
const minuteIn = (time: string): number => {
  const [hours = 0, minutes = 0] = time.split(':').map(Number)
  return time ? hours * 60 + minutes : 0
}

let keys = 0
const newKey = () => `part ${++keys}`

export const newTranslation = (): TranslationDraft => ({ key: newKey(), language: '', sms: '' })
export const newRepresentation = (placement: string): RepresentationDraft => ({ key: newKey(), placement, title: '', text: '', image: '', link: '', button: '' })
export const newContext = (): ContextDraft => ({ key: newKey(), name: '', value: '', percent: 20 })

export const newOffer = (currency: string): OfferDraft => ({
  key: newKey(),
  id: '',
  title: '',
  body: '',
  sms: t.templates.sms,
  category: '',
  zone: '',
  value: '',
  currency,
  discountPercent: '',
  validHours: 2,
  awayMinutes: '',
  stock: '',
  translations: [],
  representations: [],
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
    segments: campaign.segments ?? [],
    eligibility: campaign.eligibility ?? '',
    applicability: campaign.applicability ?? '',
    suitability: campaign.suitability ?? '',
    trees: (campaign.trees ?? {}) as Draft['trees'],
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
      awayMinutes: offer.away_ns ? offer.away_ns / 6e10 : '',
      stock: offer.stock || '',
      translations: Object.entries(offer.sms_translations ?? {}).map(([language, sms]) => ({ ...newTranslation(), language, sms })),
      representations: (offer.representations ?? []).map((one) => ({ ...newRepresentation(one.placement), ...one })),
    })),
    placements: campaign.placements ?? [],
    fallback: campaign.fallback ?? [],
    contexts: (campaign.contexts ?? []).map(({ key: name, value, percent }) => ({ ...newContext(), name, value, percent })),
    capPerPlacement: cap?.per_placement ?? false,
    weight: campaign.weight || '',
    lever: campaign.lever || '',
    holdoutPercent: campaign.holdout ? rounded(campaign.holdout * 100) : '',
    splitPercent: campaign.split ? rounded(campaign.split * 100) : '',
    model: campaign.model ?? '',
  }
}

/** What the form says, on top of what the campaign was: fields that the form does not show stay as they are. */
export function campaignOf<C extends CampaignDraft | Campaign>(draft: Draft, before: C): C {
  // A rule or a description that is empty is left out.
  const { description: _description, group: _group, segments: _segments, eligibility: _eligibility, applicability: _applicability, suitability: _suitability, trees: _trees, placements: _placements, fallback: _fallback, contexts: _contexts, model: _model, ...rest } = before
  const text = (name: 'description' | 'group' | 'eligibility' | 'applicability' | 'suitability') => draft[name].trim() && { [name]: draft[name].trim() }
  return {
    ...(rest as C),
    ...text('description'),
    ...text('group'),
    ...(draft.segments.length > 0 && { segments: draft.segments }),
    ...text('eligibility'),
    ...text('applicability'),
    ...text('suitability'),
    ...(Object.keys(draft.trees).length > 0 && { trees: draft.trees as Record<string, unknown> }),
    name: draft.name.trim(),
    trigger: { event: draft.event, ...(draft.shop && { shop: draft.shop }), ...(draft.zones.length > 0 && { zones: draft.zones }), ...(draft.event === scenarioCompleted && draft.scenario && { scenario: draft.scenario }) },
    schedule: {
      ...(draft.from && { from: instant(draft.from) }),
      ...(draft.until && { until: instant(draft.until) }),
      ...(draft.days.length > 0 && draft.days.length < 7 && { days: draft.days.map(Number).toSorted() }),
      ...(draft.fromTime && { from_minute: minuteIn(draft.fromTime) }),
      ...(draft.untilTime && { until_minute: minuteIn(draft.untilTime) }),
    },
    cap: { times: draft.capTimes || 0, per_ns: draft.capTimes ? fromHours(draft.capHours || 24) : 0, ...(draft.capPerPlacement && { per_placement: true }) },
    ...(draft.placements.length > 0 && { placements: draft.placements }),
    ...(draft.fallback.length > 0 && { fallback: draft.fallback }),
    ...(draft.contexts.length > 0 && { contexts: draft.contexts.map(({ name, value, percent }) => ({ key: name.trim(), value: value.trim(), percent: percent || 0 })) }),
    cooldown_ns: fromHours(draft.cooldownHours),
    channels: draft.channels,
    offers: draft.offers.map((offer) => offerOf(offer, before.offers.find(({ id }) => id !== '' && id === offer.id))),
    weight: draft.weight || 0,
    lever: draft.lever || 0,
    holdout: (draft.holdoutPercent || 0) / 100,
    split: (draft.splitPercent || 0) / 100,
    ...(draft.model && { model: draft.model }),
  }
}

const offerOf = (draft: OfferDraft, before: Offer | undefined): Offer => {
  const { category: _category, zone: _zone, away_ns: _away, stock: _stock, sms_translations: _translations, representations: _representations, ...rest } = before ?? ({} as Offer)
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
    ...(draft.awayMinutes && { away_ns: toNanos(draft.awayMinutes * 60_000) }),
    ...(draft.stock && { stock: draft.stock }),
    ...(draft.translations.length > 0 && { sms_translations: Object.fromEntries(draft.translations.map(({ language, sms }) => [language, sms.trim()])) }),
    ...(draft.representations.length > 0 && { representations: draft.representations.map(representationOf) }),
  }
}

/** What is empty is left out. */
function representationOf({ key: _key, placement, ...texts }: RepresentationDraft): Representation {
  const said = Object.entries(texts).map(([name, text]) => [name, text.trim()])
  return { placement: placement.trim(), ...Object.fromEntries(said.filter(([, text]) => text !== '')) }
}

/** A time of the picker, or of the server, as RFC 3339. */
const instant = (time: string) => new Date(time.includes('T') ? time : time.replace(' ', 'T')).toISOString()

/** Whether its hours go over midnight: until midnight itself does not. */
export const overnight = ({ fromTime, untilTime }: Pick<Draft, 'fromTime' | 'untilTime'>): boolean => fromTime !== '' && fromTime > untilTime && minuteIn(untilTime) > 0

/** What can be told to be wrong before the server is asked, by field. */
export function mistakes(draft: Draft): Record<string, string> {
  const found: Record<string, string> = {}
  if (!draft.name.trim()) found.name = t.mistakes.name
  if (!draft.event && draft.placements.length + draft.fallback.length === 0) found.event = t.mistakes.event
  if (draft.channels.length === 0 && draft.event) found.channels = t.mistakes.channels
  if (draft.offers.length === 0) found.offers = t.mistakes.offers
  if (draft.from && draft.until && instant(draft.until) <= instant(draft.from)) found.until = t.mistakes.until
  if (draft.fromTime && draft.untilTime === draft.fromTime) found.untilTime = t.mistakes.untilTime
  draft.contexts.forEach(({ name, value }, n) => {
    if (!name.trim()) found[`contexts.${n}.name`] = t.mistakes.contextName
    if (!value.trim()) found[`contexts.${n}.value`] = t.mistakes.contextValue
  })
  draft.offers.forEach((offer, i) => {
    if (!offer.title.trim()) found[`offers.${i}.title`] = t.mistakes.title
    if (draft.channels.includes('sms') && !offer.sms.trim()) found[`offers.${i}.sms`] = t.mistakes.sms
    if (unknownPlaceholders(offer.sms).length > 0) found[`offers.${i}.sms`] = t.mistakes.placeholder
    const languages = offer.translations.map(({ language }) => language)
    offer.translations.forEach(({ language, sms }, n) => {
      if (!language) found[`offers.${i}.translations.${n}.language`] = t.mistakes.language
      else if (languages.indexOf(language) !== n) found[`offers.${i}.translations.${n}.language`] = t.mistakes.languageTwice
      if (!sms.trim()) found[`offers.${i}.translations.${n}.sms`] = t.mistakes.sms
      if (unknownPlaceholders(sms).length > 0) found[`offers.${i}.translations.${n}.sms`] = t.mistakes.placeholder
    })
    offer.representations.forEach(({ placement, title, text, image }, n) => {
      if (!placement.trim()) found[`offers.${i}.representations.${n}.placement`] = t.mistakes.placement
      if (!title.trim() && !text.trim() && !image.trim()) found[`offers.${i}.representations.${n}.title`] = t.mistakes.look
    })
    if (!offer.validHours) found[`offers.${i}.validHours`] = t.mistakes.validHours
    else if (offer.awayMinutes && offer.awayMinutes > offer.validHours * 60) found[`offers.${i}.awayMinutes`] = t.mistakes.awayMinutes
  })
  return found
}
