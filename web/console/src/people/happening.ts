import type { Happening } from '@aisle/api'
import { channelWord, decisionState, deliveryWord, exclusionWord, money, percent, purposeWord, refusalWord, span, triggerWord, worded, fromNanos, type Tone } from '@aisle/ui'
import { identifierWord } from './ties'
import { t } from './words'

/** What a timeline can be narrowed to. */
export const kinds = ['all', 'did', 'decisions', 'messages', 'who'] as const
export type Kind = (typeof kinds)[number]

const whoTypes = ['identified', 'consent_changed', 'merged', 'separated', 'device_lent', 'recognised']

/** Which of them something is. */
export function kindOf({ event, decision }: Happening): Exclude<Kind, 'all'> {
  if (decision) return 'decisions'
  if (!event) return 'messages'
  return whoTypes.includes(event.type) ? 'who' : 'did'
}

/** One line of a timeline, in words. */
export interface Line {
  title: string
  /** Its parts are set apart by dots. */
  more: string[]
  tone: Tone
  /** How far it came, where it is something that may fail. */
  state?: { word: string; tone: Tone }
  /** The decision that tells why. */
  decision?: string | undefined
}

const quoted = (text: string | undefined) => (text ? t.line.quoted(text) : '')

/** Events that were told long after they happened say so. */
const lateMs = 5 * 60_000

function eventLine(event: NonNullable<Happening['event']>, at: string, written: (time: string) => string): Line {
  const { type, source, consent, dwell_ns, value, confidence } = event
  const what = quoted(event.query) || quoted(event.title) || event.product || (event.zone ? '' : event.category)
  const more = [
    dwell_ns ? t.line.for(span(fromNanos(dwell_ns))) : '',
    value?.minor ? money(value) : '',
    type === 'recognised' && confidence ? t.line.sure(percent(confidence, 0)) : '',
    Date.parse(at) - Date.parse(event.time) > lateMs ? t.line.happened(written(event.time)) : '',
    source,
  ]
  const line: Line = { title: what ? t.line.what(triggerWord(type), what) : triggerWord(type), more, tone: 'none', decision: event.decision }
  switch (type) {
    case 'consent_changed':
      if (!consent) return line
      return { ...line, title: t.line.what(consent.granted ? t.line.agreed : t.line.refused, purposeWord(consent.purpose)), tone: consent.granted ? 'good' : 'warn', more: [consent.source] }
    case 'identified':
      return { ...line, more: [...(event.identifiers ?? []).map(({ type, value }) => t.line.known(identifierWord(type), value)), ...more] }
    case 'merged':
      return { ...line, title: t.line.merged, tone: 'info' }
    case 'separated':
      return { ...line, title: t.line.separated, tone: 'info' }
    case 'recognised':
    case 'zone_dwelled':
    case 'checked_in':
      return { ...line, tone: 'info' }
    case 'offer_redeemed':
    case 'order_completed':
      return { ...line, tone: 'good' }
  }
  return line
}

/** What something in a timeline says; `written` writes a time. */
export function lineOf(happening: Happening, written: (time: string) => string): Line {
  const line = wordsOf(happening, written)
  const where = [happening.zone_name, happening.shop_name]
  return { ...line, more: [...where, ...line.more].filter((part): part is string => Boolean(part)) }
}

function wordsOf({ at, event, decision, message }: Happening, written: (time: string) => string): Line {
  if (decision) {
    const state = decisionState(decision)
    return {
      title: decision.title ?? state.word,
      more: [triggerWord(decision.trigger), t.line.looked(decision.candidates), decision.verdict === 'no_offer' && decision.out ? exclusionWord(decision.out) : ''],
      tone: state.tone,
      state,
      decision: decision.id,
    }
  }
  if (message) {
    const state = deliveryWord(message.state)
    return {
      title: t.line.what(channelWord(message.channel), message.title),
      more: [message.refusal ? refusalWord(message.refusal) : '', worded(message.detail ?? '')],
      tone: state.tone,
      state,
      decision: message.decision,
    }
  }
  return event ? eventLine(event, at, written) : { title: '', more: [], tone: 'none' }
}

/** What happened, day by day as whoever looks has them, in the order it came. */
export function byDay(happenings: Happening[], dayOf: (time: string) => string): { day: string; happenings: Happening[] }[] {
  const days: { day: string; happenings: Happening[] }[] = []
  for (const happening of happenings) {
    const day = dayOf(happening.at)
    const last = days.at(-1)
    if (last?.day === day) last.happenings.push(happening)
    else days.push({ day, happenings: [happening] })
  }
  return days
}
