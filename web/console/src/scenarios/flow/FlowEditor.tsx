import '@xyflow/react/dist/base.css'
import type { ScenarioStepCount } from '@aisle/api'
import { Empty } from '@aisle/ui'
import { useElementSize } from '@mantine/hooks'
import { Background, Controls, MarkerType, ReactFlow, useReactFlow, ReactFlowProvider, type NodeChange } from '@xyflow/react'
import { useEffect, useMemo, useRef, useState } from 'react'
import { AddStep } from '../AddStep'
import { isGuard, moved, newStep, stepLead, type StepDraft, type StepKind } from '../draft'
import { figuresOf } from '../figures'
import { spanOf } from '../spans'
import { StepFields, type StepFieldsProps } from '../StepFields'
import { t } from '../words'
import './flow.css'
import { card, cardsIn, layout, nearest, type Place } from './layout'
import { EndCard, StepCard, type EndNode, type StepNode } from './StepCard'
import { StepLine, type StepEdge } from './StepLine'

const nodeTypes = { step: StepCard, end: EndCard }
const edgeTypes = { line: StepLine }
const margin = 16
/** Below the cards, the buttons of the canvas have their place. */
const foot = 48
const fit = { padding: { x: `${margin}px`, top: `${margin}px`, bottom: `${foot}px` }, maxZoom: 1, minZoom: 0.5 } as const

const labels = { 'controls.ariaLabel': t.flow.controls, 'controls.zoomIn.ariaLabel': t.flow.zoomIn, 'controls.zoomOut.ariaLabel': t.flow.zoomOut, 'controls.fitView.ariaLabel': t.flow.fitView }

export interface FlowEditorProps extends Omit<StepFieldsProps, 'at'> {
  /** The key of the step whose fields are shown; the first, if there is none of it. */
  chosen: string | undefined
  onChoose: (key: string | undefined) => void
  /** What became of shoppers at the steps as they are kept, by the steps' keys. */
  counts: Map<string, ScenarioStepCount>
  /** What waits for the scenario. */
  wakes: string[]
}

/** The steps as a flow, and the fields of the one that is chosen. What it changes is the form's draft. */
export default function FlowEditor(props: FlowEditorProps) {
  return (
    <ReactFlowProvider>
      <Flow {...props} />
    </ReactFlowProvider>
  )
}

function Flow({ form, readOnly, self, onFocus, chosen, onChoose, counts, wakes }: FlowEditorProps) {
  const { steps } = form.values
  const at = Math.max(0, steps.findIndex(({ key }) => key === chosen))
  const panel = useRef<HTMLDivElement>(null)
  const editor = useRef<HTMLDivElement>(null)
  // Who adds or removes a step by keys goes on from the one that is chosen then: what they pressed is gone.
  const toChosen = useRef(false)
  useEffect(() => {
    if (!toChosen.current) return
    toChosen.current = false
    requestAnimationFrame(() => editor.current?.querySelector<HTMLElement>('[aria-pressed="true"]')?.focus({ preventScroll: true }))
  })

  // What is wrong is shown: the first step of which something is, unless it is the chosen one.
  const { errors } = form
  useEffect(() => {
    const wrong = Object.keys(errors).flatMap((field) => /^steps\.(\d+)\./.exec(field)?.[1] ?? []).map(Number).toSorted((a, b) => a - b)
    if (wrong.length > 0 && !wrong.includes(at)) onChoose(steps[wrong[0]!]?.key)
    // Only as mistakes are found: else no other step could be chosen meanwhile.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [errors])

  const setSteps = (steps: StepDraft[]) => form.setFieldValue('steps', steps)
  const add = (kind: StepKind, behind: number) => {
    const step = newStep(kind, steps.length === 0)
    toChosen.current = true
    setSteps(steps.toSpliced(behind, 0, step))
    onChoose(step.key)
  }
  const remove = (at: number) => {
    toChosen.current = true
    setSteps(steps.toSpliced(at, 1))
    onChoose((steps[at + 1] ?? steps[at - 1])?.key)
  }
  const choose = (at: number, andEdit: boolean) => {
    onChoose(steps[at]!.key)
    if (andEdit) requestAnimationFrame(() => panel.current?.querySelector('input')?.focus())
  }

  if (steps.length === 0) {
    return (
      <Empty title={t.flow.none} action={!readOnly && <AddStep first onAdd={(kind) => add(kind, 0)} />}>
        {t.flow.noneMore}
      </Empty>
    )
  }
  return (
    <div className="flow-editor" ref={editor}>
      <Canvas steps={steps} at={at} errors={form.errors} readOnly={readOnly} counts={counts} wakes={wakes} choose={choose} add={(behind) => add('event', behind)} move={(from, to) => setSteps(moved(steps, from, to))} remove={remove} />
      <div className="flow-panel" ref={panel} role="group" aria-label={t.flow.step(at + 1)}>
        <StepFields key={steps[at]!.key} form={form} at={at} readOnly={readOnly} self={self} onFocus={onFocus} />
        {!readOnly && (
          <p className="dim small">
            {t.flow.keys(
              <kbd key="alt" className="kbd">
                Alt
              </kbd>,
              <kbd key="del" className="kbd">
                Del
              </kbd>,
            )}
          </p>
        )}
      </div>
    </div>
  )
}

interface CanvasProps extends Pick<FlowEditorProps, 'readOnly' | 'counts' | 'wakes'> {
  steps: StepDraft[]
  at: number
  errors: Record<string, unknown>
  choose: (at: number, andEdit: boolean) => void
  add: (behind: number) => void
  move: (from: number, to: number) => void
  remove: (at: number) => void
}

function Canvas({ steps, at, errors, readOnly, counts, wakes, choose, add, move, remove }: CanvasProps) {
  const { ref, width, height } = useElementSize()
  const { fitView } = useReactFlow()
  const shape = steps.map((_, i) => `${isGuard(steps, i)}`).join()
  const inRow = cardsIn(width - 2 * margin)
  // Where cards lie does not depend on what is typed into them.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const laid = useMemo(() => layout(steps, inRow), [shape, inRow])
  const [held, setHeld] = useState<{ key: string; place: Place }>()
  useEffect(() => {
    const drawn = requestAnimationFrame(() => void fitView(fit))
    return () => cancelAnimationFrame(drawn)
  }, [fitView, laid, width, height])

  const last = steps.length - 1
  const nodes = [
    ...steps.map((step, i): StepNode => {
      const count = counts.get(step.key)
      return {
        ...fixed,
        id: step.key,
        type: 'step',
        position: held?.key === step.key ? held.place : laid.places[i]!,
        zIndex: held?.key === step.key ? 2 : 0,
        data: {
          step,
          number: i + 1,
          lead: stepLead(steps, i),
          guard: isGuard(steps, i),
          figures: count && figuresOf({ not: step.not, for_ns: spanOf(step.for) ?? 0 }, count, i === last),
          began: counts.get(steps[0]!.key)?.entered ?? 0,
          chosen: i === at,
          wrong: Object.keys(errors).some((field) => field.startsWith(`steps.${i}.`)),
          choose: (andEdit) => choose(i, andEdit),
          move: readOnly ? undefined : (by) => i + by >= 0 && i + by <= last && move(i, i + by),
          remove: readOnly ? undefined : () => remove(i),
        },
      }
    }),
    { ...fixed, id: 'end', type: 'end', position: laid.places.at(-1)!, draggable: false, data: { wakes, done: counts.get(steps[last]!.key)?.passed } } satisfies EndNode,
  ]
  const idOf = (i: number) => steps[i]?.key ?? 'end'
  const edges = laid.lines.map(({ from, to, guard, turn }): StepEdge => {
    const step = steps[to]
    return {
      id: `${idOf(from)} ${idOf(to)}`,
      type: 'line',
      source: idOf(from),
      target: idOf(to),
      sourceHandle: guard ? 'up' : 'out',
      targetHandle: guard ? 'below' : 'in',
      ariaLabel: step ? t.flow.line(from + 1, to + 1) : t.flow.lineToEnd(from + 1),
      className: guard ? 'step-line-guard' : '',
      ...(!guard && { markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 } }),
      data: {
        time: guard || !step ? '' : step.not ? t.step.for(step.for || '…') : step.within && t.step.within(step.within),
        turn,
        add: guard || readOnly || steps.length >= 12 ? undefined : () => add(from + 1),
        addLabel: step ? t.flow.between(from + 1, to + 1) : t.flow.atEnd,
      },
    }
  })
  const follow = (changes: NodeChange<StepNode | EndNode>[]) => {
    for (const change of changes) {
      if (change.type === 'position' && change.dragging && change.position) setHeld({ key: change.id, place: change.position })
    }
  }
  return (
    <div className="flow-canvas" dir="ltr" ref={ref} style={{ height: Math.min(laid.height + margin + foot, 620) }}>
      <ReactFlow
        aria-label={t.flow.label}
        ariaLabelConfig={labels}
        nodes={nodes}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodesChange={follow}
        onNodeDragStop={(_, { id, position }) => {
          const from = steps.findIndex(({ key }) => key === id)
          const to = nearest(laid, position)
          setHeld(undefined)
          if (from !== to) move(from, to)
        }}
        nodesDraggable={!readOnly}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        zoomOnScroll={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        nodeDragThreshold={4}
        minZoom={0.4}
        maxZoom={1.6}
      >
        <Background gap={18} size={1} />
        <Controls showInteractive={false} orientation="horizontal" fitViewOptions={fit} />
      </ReactFlow>
    </div>
  )
}

const fixed = { width: card.width, height: card.height, measured: card, ariaRole: 'group' as const }
