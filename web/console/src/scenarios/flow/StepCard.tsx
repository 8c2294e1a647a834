import { count, triggerWord } from '@aisle/ui'
import { Handle, Position, type Node, type NodeProps } from '@xyflow/react'
import { Ban, Filter, Flag, Hourglass, MousePointerClick, Repeat, Route, ShieldBan, type LucideIcon } from 'lucide-react'
import { completed, timesWord, whatHappens, type StepDraft } from '../draft'
import type { Figures } from '../figures'
import { FunnelBar } from '../FunnelBar'
import { language, languages } from '../../language'
import { t } from '../words'

export interface StepData extends Record<string, unknown> {
  step: StepDraft
  number: number
  lead: string
  guard: boolean
  figures: Figures | undefined
  began: number
  chosen: boolean
  wrong: boolean
  choose: (andEdit: boolean) => void
  move: ((by: -1 | 1) => void) | undefined
  remove: (() => void) | undefined
}
/** The canvas runs from left to right in every language; what stands on its cards does not. */
const { dir } = languages[language]

export type StepNode = Node<StepData, 'step'>

const icons = { event: MousePointerClick, dwell: Hourglass, count: Repeat, scenario: Route, absence: Ban, guard: ShieldBan } satisfies Record<string, LucideIcon>

function iconOf({ not, events, times }: StepDraft, guard: boolean): keyof typeof icons {
  if (not) return guard ? 'guard' : 'absence'
  if (events.includes(completed)) return 'scenario'
  if (Number(times) > 1) return 'count'
  return events.includes('zone_dwelled') ? 'dwell' : 'event'
}

/** A step on the canvas: what happens, if what, and how many are there. */
export function StepCard({ data: { step, number, lead, guard, figures, began, chosen, wrong, choose, move, remove } }: NodeProps<StepNode>) {
  const Icon = icons[iconOf(step, guard)]
  const what = whatHappens(step, triggerWord) || t.flow.choose
  const times = Number(step.times) > 1 ? timesWord(Number(step.times), step.in) : ' '
  return (
    <>
      <Ends />
      <button
        type="button"
        className="step-card"
        dir={dir}
        data-not={step.not || undefined}
        data-wrong={wrong || undefined}
        aria-pressed={chosen}
        aria-label={t.flow.card(number, what, step.not, wrong)}
        // A click by the keyboard has no place, and goes on in the fields.
        onClick={({ detail }) => choose(detail === 0)}
        onKeyDown={(event) => {
          const by = event.key === 'ArrowLeft' || event.key === 'ArrowUp' ? -1 : event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : 0
          if (event.altKey && by !== 0) move?.(by)
          else if (event.key === 'Delete' || event.key === 'Backspace') remove?.()
          else return
          event.preventDefault()
        }}
      >
        <span className="step-card-icon">
          <Icon size={15} strokeWidth={1.8} aria-hidden />
        </span>
        <span className="step-card-words">
          <span className="dim small cut">
            {number} · {lead}
          </span>
          <span className="strong cut" title={what}>
            <bdi>{what}</bdi>
          </span>
          <span className="faint small cut" dir={step.where.trim() ? 'ltr' : dir}>
            {step.where.trim() ? (
              <code title={step.where}>
                <Filter size={10} aria-hidden /> {step.where}
              </code>
            ) : (
              times
            )}
          </span>
        </span>
        {figures && <Counted figures={figures} began={began} />}
      </button>
    </>
  )
}

/** Where lines come in and go out, and where those of guards do. */
const Ends = () => (
  <>
      <Handle id="in" type="target" position={Position.Left} isConnectable={false} />
      <Handle id="out" type="source" position={Position.Right} isConnectable={false} />
      <Handle id="below" type="target" position={Position.Bottom} isConnectable={false} />
      <Handle id="up" type="source" position={Position.Top} isConnectable={false} />
  </>
)

function Counted({ figures, began }: { figures: Figures; began: number }) {
  const { waiting, passed, lost, told } = figures
  return (
    <span className="step-card-counts num" title={told.map(([n, words]) => `${count(n)} ${words}`).join(t.step.comma)}>
      {waiting !== undefined && <FunnelBar figures={figures} began={began} />}
      <span>
        {waiting !== undefined && (
          <span>
            <b>{count(passed)}</b> {t.flow.passed(passed)}
          </span>
        )}
        {waiting !== undefined && (
          <span>
            <b>{count(waiting)}</b> {t.flow.now(waiting)}
          </span>
        )}
        <span>
          <b>{count(lost)}</b> {t.flow.out(lost)}
        </span>
      </span>
    </span>
  )
}

export type EndNode = Node<{ wakes: string[]; done: number | undefined } & Record<string, unknown>, 'end'>

/** What follows when a shopper comes to the end. */
export const EndCard = ({ data: { wakes, done } }: NodeProps<EndNode>) => (
  <>
    <Ends />
    <div className="step-card" dir={dir} data-end>
      <span className="step-card-icon">
        <Flag size={15} strokeWidth={1.8} aria-hidden />
      </span>
      <span className="step-card-words">
        <span className="dim small">{t.flow.end}</span>
        <span className="strong cut">{wakes.length === 0 ? t.flow.nothingWaits : wakes.length === 1 ? <bdi>{wakes[0]}</bdi> : t.flow.wakesMany(wakes.length)}</span>
        <span className="faint small cut" title={wakes.join(t.step.comma)}>
          {wakes.length > 1 ? wakes.join(t.step.comma) : wakes.length === 0 ? t.flow.letWait : t.flow.wakes}
        </span>
      </span>
      {done !== undefined && (
        <span className="step-card-counts num">
          <span>
            <span>
              <b>{count(done)}</b> {t.flow.completedIt(done)}
            </span>
          </span>
        </span>
      )}
    </div>
  </>
)
