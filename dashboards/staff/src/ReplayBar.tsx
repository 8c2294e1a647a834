import { useReplay, type Mark, type Replay } from '@aisle/api'
import { clock, Failure, percent } from '@aisle/ui'
import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { ChevronLeft, ChevronRight, Pause, Play, Radio } from 'lucide-react'
import { memo, useMemo } from 'react'
import { Choice } from './Choice'
import { useServerNow } from './clock'
import { keyStep, missing, moved, replayLength, speeds } from './replay'
import { t } from './words'

interface ReplayBarProps {
  timeZone: string | undefined
  onMove: (from: number) => void
  onLive: () => void
}

/** What drives a replay: the line of ten minutes, when it is, how fast, and the way back to now. */
export function ReplayBar({ timeZone, onMove, onLive }: ReplayBarProps) {
  const replay = useReplay()
  const now = useServerNow(5_000)
  if (!replay) return null
  const says = t.replays
  const { from, until, time, playing, speed, play, setSpeed } = replay
  const label = playing ? says.pause : says.play
  return (
    <section className="replay" aria-label={says.title}>
      <div className="replay-row">
        {/* time goes from left to right in every language */}
        <div className="replay-drive">
          <Tooltip label={says.earlier}>
            <ActionIcon aria-label={says.earlier} onClick={() => onMove(from - replayLength)}>
              <ChevronLeft size={16} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={label}>
            <ActionIcon variant="filled" color="iris" aria-label={label} onClick={() => play(!playing)}>
              {playing ? <Pause size={15} /> : <Play size={15} />}
            </ActionIcon>
          </Tooltip>
          <Tooltip label={says.later}>
            <ActionIcon aria-label={says.later} disabled={until + 1_000 >= now} onClick={() => onMove(moved(from, replayLength, now))}>
              <ChevronRight size={16} />
            </ActionIcon>
          </Tooltip>
          <span className="replay-clock num">
            <time dateTime={new Date(time).toISOString()}>{clock(time, timeZone)}</time>
          </span>
          <Line replay={replay} timeZone={timeZone} />
        </div>
        <Choice label={says.speed} chosen={speed} onChoose={setSpeed} choices={speeds.map((times) => [times, `${times}×`])} />
        <Tooltip label={says.key}>
          <Button leftSection={<Radio size={14} />} onClick={onLive}>
            {says.live}
          </Button>
        </Tooltip>
      </div>
      <Note replay={replay} />
    </section>
  )
}

function Note({ replay: { problem, span, end, from, until, marks, loaded } }: { replay: Replay }) {
  const says = t.replays
  if (problem?.status === 400) return <p className="replay-note" data-tone="warn" role="status">{says.notYet}</p>
  if (problem) return <Failure error={problem} />
  const gone = missing(span, from, until)
  if (gone) return <p className="replay-note" data-tone="warn" role="status">{gone}</p>
  if (end?.timed_out) return <p className="replay-note" data-tone="warn" role="status">{says.timedOut}</p>
  if (!end) return <p className="replay-note dim" role="status">{says.reading(percent((loaded - from) / (until - from), 0))}</p>
  const offered = marks.filter(({ kind }) => kind === 'offered').length
  const none = marks.filter(({ kind }) => kind === 'no_offer').length
  const refused = marks.filter(({ kind }) => kind === 'refused').length
  return (
    <p className="replay-note dim num">
      {marks.length === 0 ? says.nothing : says.counted(offered, none, refused)} {says.today}
    </p>
  )
}

/** The ten minutes, to be dragged through; what happened is marked on it. */
function Line({ replay, timeZone }: { replay: Replay; timeZone: string | undefined }) {
  const { from, until, time, loaded, marks, seek, play } = replay
  const part = (at: number) => `${((at - from) / (until - from)) * 100}%`
  return (
    <div className="replay-line">
      <span className="replay-loaded" style={{ width: part(Math.min(loaded, until)) }} />
      <Marks marks={marks} from={from} until={until} />
      <input
        type="range"
        aria-label={t.replays.time}
        aria-valuetext={clock(time, timeZone)}
        min={from}
        max={until}
        step={1_000}
        value={Math.round(time)}
        onChange={({ currentTarget }) => seek(Number(currentTarget.value))}
        onPointerDown={() => play(false)}
        onKeyDown={(event) => {
          const step = keyStep(event.key)
          if (step === undefined) return
          event.preventDefault()
          seek(time + step * 1_000)
        }}
      />
      <span className="replay-ends faint num" aria-hidden="true">
        <span>{clock(from, timeZone)}</span>
        <span>{clock(until, timeZone)}</span>
      </span>
    </div>
  )
}

const bins = 240

/** One small line for each moment at which something happened; the most telling of what happened then. */
const Marks = memo(function Marks({ marks, from, until }: { marks: Mark[]; from: number; until: number }) {
  const shown = useMemo(() => {
    const order: Mark['kind'][] = ['no_offer', 'held_out', 'refused', 'offered', 'redeemed']
    const places = new Map<number, Mark['kind']>()
    for (const { at, kind } of marks) {
      const place = Math.floor(((at - from) / (until - from)) * bins)
      const there = places.get(place)
      if (there === undefined || order.indexOf(kind) > order.indexOf(there)) places.set(place, kind)
    }
    return [...places]
  }, [marks, from, until])
  return (
    <svg className="replay-marks" viewBox={`0 0 ${bins} 10`} preserveAspectRatio="none" aria-hidden="true">
      {shown.map(([place, kind]) => (
        <rect key={place} x={place} y={kind === 'no_offer' ? 5 : 0} width="1" height={kind === 'no_offer' ? 5 : 10} data-kind={kind} />
      ))}
    </svg>
  )
})
