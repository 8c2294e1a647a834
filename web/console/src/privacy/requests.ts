import type { PrivacyRequest } from '@aisle/api'
import { day, type State } from '@aisle/ui'
import { t } from './words'

const dayLong = 86_400_000

/** How it stands with a request, and how urgent it is. */
export function dueState(request: Pick<PrivacyRequest, 'due' | 'done' | 'refused'>, now: number): State {
  if (request.done) return request.refused ? { word: t.due.refused(day(request.done)), tone: 'none' } : { word: t.due.answered(day(request.done)), tone: 'good' }
  const left = Math.ceil((Date.parse(request.due) - now) / dayLong)
  if (left < 0) return { word: t.due.late(-left), tone: 'bad' }
  if (left === 0) return { word: t.due.today, tone: 'bad' }
  return { word: t.due.left(left), tone: left <= 7 ? 'warn' : 'none' }
}
