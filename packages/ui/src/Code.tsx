import { CircleAlert } from 'lucide-react'
import { useId, useMemo, useRef, type ReactNode } from 'react'
import { lineOf } from './scan'
import { spoken } from './spoken'

/** Something to say about a place in a text. */
export interface Mark {
  from: number
  to?: number
  says: ReactNode
}

const linesOf = (text: string) => text.split('\n')

function marked(text: string, marks: Mark[]): Set<number> {
  return new Set(marks.map(({ from }) => lineOf(text, from).line))
}

function Numbers({ count, wrong }: { count: number; wrong: Set<number> }) {
  return (
    <div className="code-numbers" aria-hidden="true">
      {Array.from({ length: count }, (_, i) => (
        <span key={i} data-wrong={wrong.has(i + 1) || undefined}>
          {i + 1}
        </span>
      ))}
    </div>
  )
}

/** What is to be said about places of the text; a click goes there. */
function Says({ text, marks, id, go }: { text: string; marks: Mark[]; id: string; go: (mark: Mark) => void }) {
  return (
    <div id={id} role="status">
      <ul className="code-says">
        {marks.map((mark, i) => {
          const { line, column } = lineOf(text, mark.from)
          return (
            <li key={i}>
              <CircleAlert size={12} aria-hidden />
              <span>
                <button type="button" onClick={() => go(mark)}>
                  {spoken.place(line, column)}
                </button>
                : <bdi>{mark.says}</bdi>
              </span>
            </li>
          )
        })}
      </ul>
    </div>
  )
}

interface CodeAreaProps {
  label: string
  value: string
  onChange: (value: string) => void
  marks?: Mark[]
  disabled?: boolean
  minLines?: number
  maxHeight?: number | string
}

/** A text with numbered lines, to be edited. Tab leaves it, as in every other field. */
export function CodeArea({ label, value, onChange, marks = [], disabled = false, minLines = 8, maxHeight = 520 }: CodeAreaProps) {
  const area = useRef<HTMLTextAreaElement>(null)
  const id = useId()
  const lines = linesOf(value)
  const rows = Math.max(minLines, lines.length)
  const columns = useMemo(() => lines.reduce((most, line) => Math.max(most, line.length), 0), [lines])
  const go = ({ from, to = from }: Mark) => {
    area.current?.focus()
    area.current?.setSelectionRange(from, to)
  }
  return (
    <div className="code" data-wrong={marks.length > 0 || undefined}>
      <div className="code-scroll" style={{ maxHeight }}>
        <Numbers count={rows} wrong={marked(value, marks)} />
        <textarea
          ref={area}
          aria-label={label}
          aria-invalid={marks.length > 0}
          aria-describedby={marks.length > 0 ? id : undefined}
          value={value}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
          rows={rows}
          style={{ minWidth: `calc(${columns + 2}ch + 20px)` }}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          disabled={disabled}
        />
      </div>
      <Says text={value} marks={marks} id={id} go={go} />
    </div>
  )
}

/** A text with numbered lines, to be read, with what is to be said about its places. */
export function CodeView({ label, value, marks = [], maxHeight = 520 }: { label: string; value: string; marks?: Mark[]; maxHeight?: number }) {
  const view = useRef<HTMLDivElement>(null)
  const id = useId()
  const lines = linesOf(value)
  const wrong = marked(value, marks)
  const go = (mark: Mark) => view.current?.querySelector(`[data-line="${lineOf(value, mark.from).line}"]`)?.scrollIntoView({ block: 'center' })
  return (
    <div className="code">
      {/* A long text that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="code-scroll" style={{ maxHeight }} tabIndex={0} role="group" aria-label={label} ref={view}>
        <Numbers count={lines.length} wrong={wrong} />
        <pre>
          {lines.map((line, i) => (
            <span key={i} data-line={i + 1} data-wrong={wrong.has(i + 1) || undefined}>
              {line || ' '}
            </span>
          ))}
        </pre>
      </div>
      <Says text={value} marks={marks} id={id} go={go} />
    </div>
  )
}
