import { useRuleCheck } from '@aisle/api'
import { Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Check, CircleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

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

/** A rule in CEL, which the server checks while one types. */
export function RuleInput({ label, description, value, onChange, onFocus, error, disabled }: RuleInputProps) {
  const [settled] = useDebouncedValue(value, 300)
  const check = useRuleCheck(settled)
  const wrong = check.data?.ok === false && value.trim() !== '' && settled === value
  return (
    <div className="rule">
      <Textarea
        {...(description === undefined ? { 'aria-label': label } : { label, description })}
        autosize
        minRows={1}
        maxRows={10}
        spellCheck={false}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        onFocus={({ currentTarget }) => onFocus(currentTarget)}
        // The check below says what is wrong, and where.
        error={wrong || error}
        disabled={disabled}
        placeholder="Empty: yes, always"
        {...(wrong && { 'aria-invalid': true })}
      />
      <RuleSays value={value} settled={settled} check={check} />
    </div>
  )
}

function RuleSays({ value, settled, check }: { value: string; settled: string; check: ReturnType<typeof useRuleCheck> }) {
  if (value.trim() === '') return <p className="rule-says">Everybody passes.</p>
  if (check.error) return <p className="rule-says">It could not be checked now; the server checks it again when it is saved.</p>
  if (settled !== value || check.isPlaceholderData || !check.data) return <p className="rule-says">Checking…</p>
  const { ok, error, position } = check.data
  if (ok) {
    return (
      <p className="rule-says" data-tone="good">
        <Check size={12} aria-hidden /> This rule is right.
      </p>
    )
  }
  return (
    <p className="rule-says" data-tone="bad" role="status">
      <CircleAlert size={12} aria-hidden />
      <span>
        {error}
        {position !== undefined && position < value.length && (
          <>
            {': '}
            <code>{value.slice(position, position + 24)}</code>
          </>
        )}
      </span>
    </p>
  )
}
