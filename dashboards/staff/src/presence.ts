import type { HelpNext, LivePerson } from '@aisle/api'
import { percent, sensorWord } from '@aisle/ui'

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
  const senses = witnesses.map(({ sensor }) => sensorWord[sensor] ?? sensor).join(' + ') || 'Not seen lately'
  const seen = probability === undefined ? senses : `${senses} · ${percent(probability, 0)}`
  if (name !== undefined) return { who: name, says: 'two witnesses', tone: 'good', seen }
  if (lent) return { who: `Device of ${label}`, says: possible ? `${label} may be near: ask` : `not ${label}`, tone: 'warn', seen }
  return { who: 'Possible member', says: 'ask', tone: 'none', seen }
}

/** Those of a zone who opted in: who may be greeted first, then whom to ask, surest first. */
export const membersIn = (people: LivePerson[], zone: string): LivePerson[] =>
  people
    .filter((person) => person.zone === zone && person.shopper !== undefined)
    .toSorted((a, b) => rank(a) - rank(b) || (b.probability ?? 0) - (a.probability ?? 0) || a.key.localeCompare(b.key))

const rank = ({ name, lent }: LivePerson) => (name !== undefined ? 0 : lent ? 2 : 1)

/** What a colleague calls somebody to another. */
export const calledBy = ({ name, label }: Pick<HelpNext, 'name' | 'label'>) => name ?? `Possible member ${label}`

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
    { kind: 'face', seen: face !== undefined, words: face ? `Face, ${percent(face.sure, 0)} sure` : 'No camera knew their face' },
    {
      kind: 'carried',
      seen: carried.length > 0,
      words: carried.length > 0 ? carried.map(({ sensor, sure }) => `${sensorWord[sensor] ?? sensor}, ${percent(sure, 0)} sure`).join('; ') : 'No tag, check-in or code of theirs',
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
