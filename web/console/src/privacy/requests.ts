import type { PrivacyRequest } from '@aisle/api'
import { day, plural, type State } from '@aisle/ui'

interface Kind {
  name: string
  ask: string
  does: string
  doIt: string
  done: string
}

export const kindWord: Record<PrivacyRequest['kind'], Kind> = {
  access: {
    name: 'What is known of me',
    ask: 'Was the export handed over?',
    does: 'Export it first and give it to them. This notes that they have it.',
    doIt: 'Handed over',
    done: 'Noted: they have what is known of them.',
  },
  erasure: {
    name: 'Forget me',
    ask: 'Erase this shopper?',
    does: 'Profile, identifiers, consents, offers, browsers and face go at once, everywhere but in the log, where records lie under an id that nothing leads to until their time is over. It cannot be undone. The receipt says what was there, and what is left until when.',
    doIt: 'Erase',
    done: 'They are erased. The receipt is here.',
  },
  restriction: {
    name: 'Leave me alone',
    ask: 'Restrict what is done with this shopper?',
    does: 'Every consent is withdrawn, and the face is deleted. What is known stays, and is used for nothing that needs a consent until they say yes themselves.',
    doIt: 'Restrict',
    done: 'Every consent is withdrawn.',
  },
}

const dayLong = 86_400_000

/** How it stands with a request, and how urgent it is. */
export function dueState(request: Pick<PrivacyRequest, 'due' | 'done' | 'refused'>, now: number): State {
  if (request.done) return request.refused ? { word: `Refused ${day(request.done)}`, tone: 'none' } : { word: `Answered ${day(request.done)}`, tone: 'good' }
  const left = Math.ceil((Date.parse(request.due) - now) / dayLong)
  if (left < 0) return { word: `${plural(-left, 'day')} late`, tone: 'bad' }
  if (left === 0) return { word: 'Due today', tone: 'bad' }
  return { word: `${plural(left, 'day')} left`, tone: left <= 7 ? 'warn' : 'none' }
}
