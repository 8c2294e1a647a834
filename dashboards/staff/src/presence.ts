import type { HelpNext, LivePerson } from '@aisle/api'
import { percent, sensorWord } from '@aisle/ui'
import { t } from './words'

/** How staff may address somebody who opted in. */
export interface Presence {
  who: string
  /** What to do about it, in a few words. */
  says: string
  tone: 'good' | 'none' | 'warn'
  /** Who saw them, and how sure that is together. */
  seen: string
}

/** By name only where two witnesses agree; one alone is somebody to ask; a device that is lent is nobody. */
export function presence({ name, label, lent, possible, probability, witnesses = [] }: LivePerson): Presence {
  const senses = witnesses.map(({ sensor }) => sensorWord(sensor)).join(' + ') || t.presence.unseen
  const seen = probability === undefined ? senses : `${senses} · ${percent(probability, 0)}`
  if (name !== undefined) return { who: name, says: t.presence.two, tone: 'good', seen }
  if (lent) return { who: t.presence.device(label ?? ''), says: possible ? t.presence.near(label ?? '') : t.presence.not(label ?? ''), tone: 'warn', seen }
  return { who: t.presence.possible, says: t.presence.ask, tone: 'none', seen }
}

/** Those of a zone who opted in: who may be greeted first, then whom to ask, surest first. */
export const membersIn = (people: LivePerson[], zone: string): LivePerson[] =>
  people
    .filter((person) => person.zone === zone && person.shopper !== undefined)
    .toSorted((a, b) => rank(a) - rank(b) || (b.probability ?? 0) - (a.probability ?? 0) || a.key.localeCompare(b.key))

const rank = ({ name, lent }: LivePerson) => (name !== undefined ? 0 : lent ? 2 : 1)

/** What a colleague calls somebody to another. */
export const calledBy = ({ name, label }: Pick<HelpNext, 'name' | 'label'>) => name ?? t.presence.possibleCalled(label)

/** Why a colleague may walk up to somebody. What the house names later than this page knows is left out, here and below. */
export const whyThem = ({ why, offer, messages }: Pick<HelpNext, 'why' | 'offer' | 'messages'>): string[] => {
  const { stands, waits, searched, offer: unused, enough } = t.help.why
  return told({ stands, waits, searched, offer: unused(offer ?? ''), enough: enough(messages ?? 0) }, why)
}

/** What a colleague may say to them. */
export const mayBeSaid = ({ say, name, zone_name }: Pick<HelpNext, 'say' | 'name' | 'zone_name'>): string[] => {
  const { hello, ask, finding, offer } = t.help.say
  return told({ hello: hello(name ?? ''), ask, finding: finding(zone_name), offer }, say)
}

/** What a colleague is not to mention. */
export const notMentioned = ({ not_mention }: Pick<HelpNext, 'not_mention'>): string[] => told(t.help.notMention, not_mention)

const told = (words: Record<string, string>, names: string[]) => names.flatMap((name) => words[name] ?? [])

/** How long somebody has been in a zone, in ms; nothing where that is not known. */
export const standing = ({ since }: Pick<HelpNext, 'since'>, now: number): number | undefined => {
  const began = Date.parse(since)
  return began > 0 ? Math.max(0, now - began) : undefined
}

/** One half of the rule of two witnesses: what saw them, and whether anything did. */
export interface Half {
  kind: 'face' | 'carried'
  words: string
  seen: boolean
}

/** The rule of two witnesses, as it stands for somebody: a face, and something that they carry. */
export function halves({ witnesses = [] }: Pick<LivePerson, 'witnesses'>): [Half, Half] {
  const face = witnesses.find(({ sensor }) => sensor === 'camera')
  const carried = witnesses.filter(({ sensor }) => sensor !== 'camera')
  return [
    { kind: 'face', seen: face !== undefined, words: face ? t.presence.face(percent(face.sure, 0)) : t.presence.noFace },
    {
      kind: 'carried',
      seen: carried.length > 0,
      words: carried.length > 0 ? carried.map(({ sensor, sure }) => t.presence.carried(sensorWord(sensor), percent(sure, 0))).join('; ') : t.presence.noCarried,
    },
  ]
}

/** Who of some is nearest to a place on the plan, if anybody who opted in is that near. Metres. */
export function nearest(people: LivePerson[], x: number, y: number, within: number): LivePerson | undefined {
  const known = people
    .filter(({ shopper }) => shopper !== undefined)
    .map((person) => ({ person, far: Math.hypot(person.x - x, person.y - y) }))
    .toSorted((a, b) => a.far - b.far)[0]
  return known && known.far <= within ? known.person : undefined
}

const ways: Record<string, [x: number, y: number]> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }

/**
 * Who is next in the direction of an arrow key: near, and not far to the side. From nobody it is the one nearest to the
 * plan's corner. Nothing for other keys, and where nobody is there.
 */
export function stepTo<P extends Pick<LivePerson, 'key' | 'x' | 'y'>>(people: P[], from: P | undefined, key: string): P | undefined {
  const way = ways[key]
  if (!way) return undefined
  const [x, y] = way
  const far = (person: P) => {
    const ahead = (person.x - (from?.x ?? 0)) * x + (person.y - (from?.y ?? 0)) * y
    const aside = Math.abs((person.x - (from?.x ?? 0)) * y) + Math.abs((person.y - (from?.y ?? 0)) * x)
    return from && ahead <= 0 ? Infinity : Math.abs(ahead) + 2 * aside
  }
  const next = people
    .filter((person) => person.key !== from?.key)
    .map((person) => ({ person, far: far(person) }))
    .toSorted((a, b) => a.far - b.far || a.person.key.localeCompare(b.person.key))[0]
  return next && next.far < Infinity ? next.person : undefined
}
