import type { MappingStep } from '@aisle/api'
import { Empty } from '@aisle/ui'
import { ActionIcon, Autocomplete, Button, Select, Tooltip } from '@mantine/core'
import { ArrowDown, ArrowUp, CircleAlert, GripVertical, Plus, Trash2 } from 'lucide-react'
import { useEffect, useRef, useState, type KeyboardEvent } from 'react'
import { t as house } from '../words'
import { StepInputs } from './StepInputs'
import { missing, moved, sentenceOf, stepKinds, stepOf, type DraftStep, type StepKind } from './steps'
import { t } from './words'

/** What may be chosen while a step is written. Anything else may be typed. */
export interface Known {
  events: string[]
  fields: string[]
}

interface StepsEditorProps {
  steps: DraftStep[]
  onChange: (steps: DraftStep[]) => void
  known: Known
  /** What the server has against which step. */
  errors?: Map<number, string> | undefined
  disabled?: boolean
}

/** Makes steps that can be told apart, whatever they hold. */
export const draftOf = (steps: MappingStep[]): DraftStep[] => steps.map((step, key) => ({ ...step, key }))

const nextKey = (steps: DraftStep[]) => steps.reduce((most, { key }) => Math.max(most, key), -1) + 1

/** Steps in their order: added, changed, removed, moved by pointer, by their buttons, or by Alt and the arrows. */
export function StepsEditor({ steps, onChange, known, errors, disabled = false }: StepsEditorProps) {
  const list = useRef<HTMLOListElement>(null)
  const focusAt = useRef<{ key: number; on: string } | undefined>(undefined)
  const [dragged, setDragged] = useState<number>()
  const [over, setOver] = useState<number>()
  const [said, setSaid] = useState('')

  // Whoever moves a step stays with it.
  useEffect(() => {
    const at = focusAt.current
    if (!at) return
    focusAt.current = undefined
    const row = list.current?.querySelector<HTMLElement>(`[data-key="${at.key}"]`)
    const on = row?.querySelector<HTMLElement>(at.on)
    ;(on && !on.hasAttribute('disabled') ? on : row?.querySelector<HTMLElement>('.step-move:not([disabled]), input'))?.focus()
  }, [steps])

  const move = (from: number, to: number, on: string) => {
    const step = steps[from]
    if (!step || to < 0 || to >= steps.length) return
    focusAt.current = { key: step.key, on }
    setSaid(t.editor.moved(from + 1, to + 1))
    onChange(moved(steps, from, to))
  }
  const keys = (i: number) => (event: KeyboardEvent) => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return
    event.preventDefault()
    move(i, event.key === 'ArrowUp' ? i - 1 : i + 1, event.key === 'ArrowUp' ? '[data-up]' : '[data-down]')
  }
  const add = () => {
    const key = nextKey(steps)
    focusAt.current = { key, on: 'input' }
    onChange([...steps, { ...stepOf('move'), key }])
  }
  const remove = (i: number) => {
    const next = steps[i + 1] ?? steps[i - 1]
    if (next) focusAt.current = { key: next.key, on: '[data-remove]' }
    setSaid(t.editor.removed(i + 1))
    onChange(steps.toSpliced(i, 1))
  }

  return (
    <div className="stack" style={{ gap: 10 }}>
      {steps.length === 0 ? (
        <Empty title={t.editor.none} action={!disabled && <AddStep onClick={add} label={t.editor.first} />}>
          {t.editor.noneMore}
        </Empty>
      ) : (
        <ol className="step-list" ref={list} aria-label={t.editor.label}>
          {steps.map((step, i) => (
            // The keys are for whatever of the row has the focus.
            // oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
            <li
              key={step.key}
              data-key={step.key}
              data-over={over === i && dragged !== i ? (dragged! < i ? 'below' : 'above') : undefined}
              data-dragged={dragged === i || undefined}
              onKeyDown={disabled ? undefined : keys(i)}
              onDragOver={(event) => {
                if (dragged === undefined) return
                event.preventDefault()
                setOver(i)
              }}
              onDrop={(event) => {
                event.preventDefault()
                if (dragged !== undefined) move(dragged, i, '.step-move')
                setDragged(undefined)
                setOver(undefined)
              }}
            >
              <div className="step-head">
                <span
                  className="step-grip"
                  draggable={!disabled}
                  onDragStart={(event) => {
                    event.dataTransfer.effectAllowed = 'move'
                    event.dataTransfer.setData('text/plain', sentenceOf(step))
                    const row = event.currentTarget.closest('li')
                    if (row) event.dataTransfer.setDragImage(row, 12, 12)
                    setDragged(i)
                  }}
                  onDragEnd={() => {
                    setDragged(undefined)
                    setOver(undefined)
                  }}
                  aria-hidden="true"
                >
                  <GripVertical size={14} />
                </span>
                <span className="num dim step-number">{i + 1}</span>
                <p className="grow">{sentenceOf(step)}</p>
                {!disabled && (
                  <span className="row" style={{ gap: 0 }}>
                    <Tooltip label={t.editor.earlier}>
                      <ActionIcon className="step-move" data-up="" aria-label={t.editor.up(i + 1)} disabled={i === 0} onClick={() => move(i, i - 1, '[data-up]')}>
                        <ArrowUp size={14} />
                      </ActionIcon>
                    </Tooltip>
                    <Tooltip label={t.editor.later}>
                      <ActionIcon className="step-move" data-down="" aria-label={t.editor.down(i + 1)} disabled={i === steps.length - 1} onClick={() => move(i, i + 1, '[data-down]')}>
                        <ArrowDown size={14} />
                      </ActionIcon>
                    </Tooltip>
                    <Tooltip label={house.remove}>
                      <ActionIcon data-remove="" aria-label={t.editor.remove(i + 1)} onClick={() => remove(i)}>
                        <Trash2 size={14} />
                      </ActionIcon>
                    </Tooltip>
                  </span>
                )}
              </div>
              {!disabled && (
                <div className="step-fields">
                  <Select
                    label={t.editor.do}
                    data={stepKinds}
                    value={step.do}
                    onChange={(kind) => onChange(steps.with(i, { ...stepOf(kind as StepKind, step), key: step.key }))}
                    allowDeselect={false}
                  />
                  <StepInputs step={step} known={known} onChange={(changed) => onChange(steps.with(i, { ...changed, key: step.key }))} />
                </div>
              )}
              {errors?.get(i) && (
                <p className="error row" role="alert" style={{ gap: 6 }}>
                  <CircleAlert size={12} aria-hidden /> {errors.get(i)}
                </p>
              )}
              {!disabled && !errors?.get(i) && missing(step).length > 0 && <p className="dim small">{t.editor.missing}</p>}
            </li>
          ))}
        </ol>
      )}
      {steps.length > 0 && !disabled && steps.length < 200 && (
        <div>
          <AddStep onClick={add} label={t.editor.add} />
        </div>
      )}
      <p className="hidden" role="status">
        {said}
      </p>
    </div>
  )
}

const AddStep = ({ onClick, label }: { onClick: () => void; label: string }) => (
  <Button variant="default" leftSection={<Plus size={13} />} onClick={onClick}>
    {label}
  </Button>
)

/** A name that is known, or any other. */
export function NameInput({ label, value, onChange, known, placeholder }: { label: string; value: string; onChange: (value: string) => void; known: string[]; placeholder: string }) {
  return <Autocomplete size="xs" label={label} value={value} onChange={onChange} data={known} limit={30} placeholder={placeholder} spellCheck={false} className="typed" />
}
