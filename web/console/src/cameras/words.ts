import type { CameraNow } from '@aisle/api'
import type { State } from '@aisle/ui'

export const cameraState: Record<CameraNow['state'], State> = {
  live: { word: 'Live', tone: 'good' },
  connecting: { word: 'Connecting', tone: 'warn' },
  waiting: { word: 'Waits for pictures', tone: 'info' },
  stalled: { word: 'Stalled', tone: 'bad' },
  refused: { word: 'No pictures', tone: 'bad' },
  lost: { word: 'Process lost', tone: 'bad' },
  ended: { word: 'Ended', tone: 'none' },
  unknown: { word: 'Not set up', tone: 'none' },
}

const kinds: Record<string, string> = { rtsp: 'RTSP', http: 'Motion JPEG by HTTP', file: 'Video file', device: 'At the machine', browser: 'Tablet or phone', frigate: 'Frigate' }

export const kindWord = (kind: string | undefined) => (kind ? (kinds[kind] ?? kind) : '–')

/** What is the matter, and what to do, in a sentence; nothing while all is well. */
export function advice({ state, health, process }: Pick<CameraNow, 'state' | 'health' | 'process'>): string | undefined {
  const problem = health?.problem?.replace(/^(camera|video): /, '')
  switch (state) {
    case 'unknown':
      return 'No process has a camera of this name: add it to the cameras of aisle-vision.'
    case 'lost':
      return `The process ${process ?? ''} has said nothing for a while: see whether its machine runs and reaches this house.`.replace('  ', ' ')
    case 'waiting':
      return 'It is a tablet or phone: open its page there.'
    default:
      return problem && `${problem.charAt(0).toUpperCase()}${problem.slice(1)}.`
  }
}

/** When the last picture came: of a camera that is live, as long before now as it was when that was told. */
export function lastPicture({ state, health, told }: Pick<CameraNow, 'state' | 'health' | 'told'>, now: number): number | undefined {
  if (!health?.last) return undefined
  const last = Date.parse(health.last)
  return state === 'live' && told ? now - Math.max(0, Date.parse(told) - last) : last
}

export const megabytes = (bytes: number) => `${(bytes / 1_048_576).toFixed(bytes < 10_485_760 ? 1 : 0)} MB`
