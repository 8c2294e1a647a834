import { sentence, type CameraNow } from '@aisle/api'
import { count, fixed, type State, type Tone } from '@aisle/ui'
import { t } from './words'

const tones: Record<CameraNow['state'], Tone> = { live: 'good', connecting: 'warn', waiting: 'info', stalled: 'bad', refused: 'bad', lost: 'bad', ended: 'none', unknown: 'none' }

export const cameraState = (state: CameraNow['state']): State => ({ word: t.states[state], tone: tones[state] })

export const kindWord = (kind: string | undefined) => (kind ? (t.kinds[kind] ?? kind) : '–')

/** What is the matter, and what to do, in a sentence; nothing while all is well. */
export function advice({ state, health, process }: Pick<CameraNow, 'state' | 'health' | 'process'>): string | undefined {
  const problem = health?.problem?.replace(/^(camera|video): /, '')
  switch (state) {
    case 'unknown':
      return t.advice.unknown
    case 'lost':
      return t.advice.lost(process)
    case 'waiting':
      return t.advice.waiting
    default:
      return problem && sentence(problem)
  }
}

/** When the last picture came: of a camera that is live, as long before now as it was when that was told. */
export function lastPicture({ state, health, told }: Pick<CameraNow, 'state' | 'health' | 'told'>, now: number): number | undefined {
  if (!health?.last) return undefined
  const last = Date.parse(health.last)
  return state === 'live' && told ? now - Math.max(0, Date.parse(told) - last) : last
}

export const megabytes = (bytes: number) => t.megabytes(fixed(bytes / 1_048_576, bytes < 10_485_760 ? 1 : 0))

export const latency = (seconds: number | undefined) => (seconds ? t.ms(count(Math.round(seconds * 1_000))) : '–')
