import { useRuleCheck, useRuleFields } from '@aisle/api'
import { worded } from '@aisle/ui'
import { Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Check, CircleAlert } from 'lucide-react'
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode, type RefObject } from 'react'
import { complete, wordAt, type Completion, type Suggestion } from './complete'
import './ruleInput.css'
import { t } from './words'

interface RuleInputProps {
  label: string
  /** Nothing where it stands above already. */
  description?: string
  value: string
  onChange: (value: string) => void
  onFocus: (area: HTMLTextAreaElement) => void
  error: ReactNode
  disabled: boolean
}

/** A rule in CEL: what could stand at the caret is offered, and the server checks it while one types. */
export function RuleInput({ label, description, value, onChange, onFocus, error, disabled }: RuleInputProps) {
  const id = useId()
  const area = useRef<HTMLTextAreaElement>(null)
  const fields = useRuleFields().data ?? []
  const [open, setOpen] = useState<Completion & { at: number }>()
  const [settled] = useDebouncedValue(value, 300)
  const check = useRuleCheck(settled)
  const wrong = check.data?.ok === false && value.trim() !== '' && settled === value && !check.isPlaceholderData

  const offer = (asked = false) => {
    const { value, selectionStart, selectionEnd } = area.current!
    const found = selectionStart === selectionEnd ? complete(fields, value, selectionStart, asked) : undefined
    setOpen(found && { ...found, at: 0 })
  }
  const take = ({ from, to }: Completion, { insert }: Suggestion) => {
    const field = area.current!
    field.focus()
    field.setRangeText(insert, from, to, 'end')
    field.dispatchEvent(new Event('input', { bubbles: true })) // which offers what may follow
  }
  const keys = (event: KeyboardEvent) => {
    if (event.key === ' ' && event.ctrlKey) {
      event.preventDefault()
      offer(true)
      return
    }
    if (!open) return
    const turn = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (turn) setOpen({ ...open, at: (open.at + turn + open.list.length) % open.list.length })
    else if (event.key === 'Enter' || event.key === 'Tab') take(open, open.list[open.at]!)
    else if (event.key === 'Escape') setOpen(undefined)
    else {
      if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End') setOpen(undefined)
      return
    }
    event.preventDefault()
    event.stopPropagation()
  }
  return (
    <div className="rule">
      <Textarea
        ref={area}
        {...(description === undefined ? { 'aria-label': label } : { label, description })}
        autosize
        minRows={1}
        maxRows={10}
        spellCheck={false}
        value={value}
        onChange={({ currentTarget }) => {
          onChange(currentTarget.value)
          offer()
        }}
        onKeyDown={keys}
        onFocus={({ currentTarget }) => onFocus(currentTarget)}
        onBlur={() => setOpen(undefined)}
        onPointerDown={() => setOpen(undefined)}
        aria-autocomplete="list"
        {...(open && { 'aria-controls': id, 'aria-activedescendant': `${id}-${open.at}` })}
        // The check below says what is wrong, and where.
        error={wrong || error}
        disabled={disabled}
        placeholder={t.rule.placeholder}
        {...(wrong && { 'aria-invalid': true })}
        inputContainer={(input) => (
          <div className="rule-area" dir="ltr">
            {input}
            <Behind area={area} text={value} wrong={wrong && check.data?.position !== undefined ? wordAt(value, check.data.position) : undefined}>
              {open && { from: open.from, list: <Offered id={id} of={open} onTake={(one) => take(open, one)} /> }}
            </Behind>
          </div>
        )}
      />
      <RuleSays value={value} settled={settled} check={check} />
    </div>
  )
}

interface BehindProps {
  area: RefObject<HTMLTextAreaElement | null>
  text: string
  /** What is underlined. */
  wrong: [from: number, to: number] | undefined
  /** What hangs below a place of the text. */
  children: { from: number; list: ReactNode } | undefined
}

/** The same text once more, not to be seen, that carries what a text area cannot: lines under words, and a list below one. */
function Behind({ area, text, wrong, children }: BehindProps) {
  const mirror = useRef<HTMLDivElement>(null)
  const place = useRef<HTMLSpanElement>(null)
  const [spot, setSpot] = useState({ left: 0, top: 0 })
  useLayoutEffect(() => {
    const field = area.current
    const behind = mirror.current
    if (!field || !behind) return
    const follow = () => (behind.scrollTop = field.scrollTop)
    follow()
    field.addEventListener('scroll', follow)
    return () => field.removeEventListener('scroll', follow)
  }, [area, text])
  useLayoutEffect(() => {
    const at = place.current
    if (at) setSpot({ left: Math.min(at.offsetLeft, at.offsetParent!.clientWidth - 300), top: at.offsetTop + 20 - mirror.current!.scrollTop })
  }, [children?.from, text])
  return (
    <>
      <div ref={mirror} className="rule-behind" aria-hidden>
        {children ? (
          <>
            {text.slice(0, children.from)}
            <span ref={place} />
            {text.slice(children.from)}
          </>
        ) : wrong ? (
          <>
            {text.slice(0, wrong[0])}
            <span className="rule-wrong">{text.slice(...wrong)}</span>
            {text.slice(wrong[1])}
          </>
        ) : null}
      </div>
      {children && (
        <div className="rule-offered" style={{ left: Math.max(0, spot.left), top: spot.top }}>
          {children.list}
        </div>
      )}
    </>
  )
}

const Offered = ({ id, of, onTake }: { id: string; of: Completion & { at: number }; onTake: (one: Suggestion) => void }) => (
  <div id={id} role="listbox" aria-label={t.rule.offered}>
    {of.list.map((one, i) => (
      <div
        key={one.label}
        id={`${id}-${i}`}
        role="option"
        aria-selected={i === of.at}
        onPointerDown={(event) => {
          event.preventDefault() // the caret stays in the rule
          onTake(one)
        }}
      >
        <code>{one.label}</code>
        <span className="dim small cut">{one.says}</span>
      </div>
    ))}
  </div>
)

function RuleSays({ value, settled, check }: { value: string; settled: string; check: ReturnType<typeof useRuleCheck> }) {
  if (value.trim() === '') return <p className="rule-says">{t.rule.everybody}</p>
  if (check.error) return <p className="rule-says">{t.rule.unchecked}</p>
  if (settled !== value || check.isPlaceholderData || !check.data) return <p className="rule-says">{t.rule.checking}</p>
  const { ok, error } = check.data
  if (ok) {
    return (
      <p className="rule-says" data-tone="good">
        <Check size={12} aria-hidden /> {t.rule.right}
      </p>
    )
  }
  return (
    <p className="rule-says" data-tone="bad" role="status">
      <CircleAlert size={12} aria-hidden /> <bdi>{worded(error ?? '')}</bdi>
    </p>
  )
}
