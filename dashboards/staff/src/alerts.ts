import type { Alert } from '@aisle/api'
import { channelWord, millis, span } from '@aisle/ui'
import { t } from './words'

/** Those that nobody has seen to. */
export const openAlerts = (alerts: Alert[]) => alerts.filter(({ acknowledged }) => !acknowledged)

/** The one to tell of first. */
export const worst = (alerts: Alert[]): Alert | undefined => {
  const open = openAlerts(alerts)
  return open.find(({ severity }) => severity === 'severe') ?? open[0]
}

/** What is the matter and what to do about it, in the words of this screen. */
export interface Told {
  text: string
  todo: string
  /** In the house's English: a newer house says what this page has no words for. */
  foreign: boolean
}

export function told({ says, kind, subject = '', values, text, do: todo }: Alert): Told {
  const words = Object.hasOwn(t.alerts.says, says) ? t.alerts.says[says] : undefined
  if (!words) return { text, todo, foreign: true }
  const { silent_s, ahead_s = 0, count = 0, of = 0, p95_ms } = values
  const long = p95_ms === undefined ? span(1_000 * (silent_s ?? Math.abs(ahead_s))) : millis(p95_ms)
  return { text: words.text(kind === 'sender' ? channelWord(subject) : subject, long, count, of, text), todo: words.todo, foreign: false }
}

/** Where to look closer. */
export function alertLink({ kind }: Pick<Alert, 'kind'>, shop: string): string {
  switch (kind) {
    case 'camera':
      return '/console/cameras'
    case 'receiver':
      return `/console/shops/${encodeURIComponent(shop)}`
    case 'sender':
      return '/console/decisions'
    case 'quarantine':
      return '/console/quarantine'
    default:
      return '/console/system'
  }
}
