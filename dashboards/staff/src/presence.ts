import type { LivePerson } from '@aisle/api'
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
