import { BaseEdge, EdgeLabelRenderer, getSmoothStepPath, type Edge, type EdgeProps } from '@xyflow/react'
import { Clock, Plus } from 'lucide-react'

export interface LineData extends Record<string, unknown> {
  /** How long it may take, or must: within 2 h, for 20 min. */
  time: string
  turn: number | undefined
  add: (() => void) | undefined
  addLabel: string
}
export type StepEdge = Edge<LineData, 'line'>

/** The way from a step to the next, how long it may take, and where one more step can be put. */
export function StepLine({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, markerEnd, style, data }: EdgeProps<StepEdge>) {
  const { time = '', turn, add, addLabel } = data ?? {}
  const [path, x, y] = getSmoothStepPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, borderRadius: 10, offset: 16, ...(turn !== undefined && { centerY: turn }) })
  return (
    <>
      <BaseEdge path={path} {...(markerEnd && { markerEnd })} {...(style && { style })} />
      <EdgeLabelRenderer>
        <div className="step-line nodrag nopan" style={{ transform: `translate(-50%, -50%) translate(${x}px, ${turn ?? y}px)` }}>
          {time && (
            <span className="num" dir="auto">
              <Clock size={11} aria-hidden /> {time}
            </span>
          )}
          {add && (
            <button type="button" aria-label={addLabel} title={addLabel} onClick={add}>
              <Plus size={12} aria-hidden />
            </button>
          )}
        </div>
      </EdgeLabelRenderer>
    </>
  )
}
