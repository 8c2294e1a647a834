import { isGuard, type StepDraft } from '../draft'

/** A card of the canvas, and the gaps between cards, in the canvas's own units. */
export const card = { width: 200, height: 116 }
const gap = { x: 80, y: 44, guard: 18 }

export interface Place {
  x: number
  y: number
}

/** A line of the canvas: from a step to the next, from the last to the end, or from a guard to the step that it watches. */
export interface Line {
  from: number
  to: number
  guard: boolean
  /** Of a line to the row below: between which rows it goes back. */
  turn?: number
}

export interface Layout {
  /** Where each step lies, in their order, and behind the last what follows. */
  places: Place[]
  lines: Line[]
  width: number
  height: number
}

/** How many cards stand side by side in a width. */
export const cardsIn = (width: number) => Math.max(1, Math.floor((width + gap.x) / (card.width + gap.x)))

/** Steps stand one behind another in rows, as words do; what must not happen until a step hangs below it. */
export function layout(steps: Pick<StepDraft, 'not' | 'for'>[], inRow: number): Layout {
  const guards = steps.map((_, at) => isGuard(steps, at))
  const places: Place[] = steps.map(() => ({ x: 0, y: 0 }))
  const lines: Line[] = []
  const end = steps.length
  let hanging: number[] = []
  let before: number | undefined
  let column = 0
  let top = 0
  let bottom = 0
  for (let at = 0; at <= end; at++) {
    if (at < end && guards[at]) {
      hanging.push(at)
      continue
    }
    const turns = column === inRow
    if (turns) {
      column = 0
      top = bottom + gap.y
    }
    const place = { x: column++ * (card.width + gap.x), y: top }
    places[at] = place
    if (before !== undefined) lines.push({ from: before, to: at, guard: false, ...(turns && { turn: top - gap.y / 2 }) })
    hanging.forEach((guard, n) => {
      places[guard] = { x: place.x, y: top + (n + 1) * (card.height + gap.guard) }
      lines.push({ from: guard, to: n === 0 ? at : hanging[n - 1]!, guard: true })
    })
    bottom = Math.max(bottom, top + card.height + hanging.length * (card.height + gap.guard))
    hanging = []
    before = at
  }
  const columns = Math.min(inRow, end + 1 - guards.filter(Boolean).length)
  return { places, lines, width: columns * (card.width + gap.x) - gap.x, height: bottom }
}

/** The step whose place is nearest to where a card was let go. */
export function nearest({ places }: Layout, { x, y }: Place): number {
  const far = (at: number) => Math.hypot(places[at]!.x - x, places[at]!.y - y)
  let found = 0
  for (let at = 1; at < places.length - 1; at++) if (far(at) < far(found)) found = at
  return found
}
