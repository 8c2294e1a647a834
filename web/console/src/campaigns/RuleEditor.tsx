import { useRuleCheck, useTreeCheck } from '@aisle/api'
import { Skeleton, worded } from '@aisle/ui'
import { SegmentedControl } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Check, CircleAlert } from 'lucide-react'
import { lazy, Suspense, type ReactNode } from 'react'
import './ruleBuilder.css'
import { RuleInput } from './RuleInput'
import type { Group } from './ruleTree'
import { t } from './words'

const RuleBuilder = lazy(() => import('./RuleBuilder'))

interface RuleEditorProps {
  label: string
  description: string
  /** The rule in CEL; where it is built, as it was before it was changed. */
  value: string
  /** What it was built of; nothing where it is written. */
  tree: Group | undefined
  onChange: (value: string, tree: Group | undefined) => void
  onFocus: (area: HTMLTextAreaElement) => void
  error: ReactNode
  disabled: boolean
}

const first: Group = { combinator: 'and', rules: [{ field: 'tier', operator: '=', value: '' }] }

/** A rule that is built of conditions, or written. What was built can be written on; what was written can be built on where the builder knows it. */
export function RuleEditor({ label, description, value, tree, onChange, onFocus, error, disabled }: RuleEditorProps) {
  const check = useRuleCheck(tree ? '' : value)
  const buildable = value.trim() === '' || (check.data?.tree !== undefined && !check.isPlaceholderData)
  const [settled] = useDebouncedValue(tree, 300)
  const said = useTreeCheck(settled)
  const written = tree && settled === tree && !said.isPlaceholderData ? said.data?.expression : undefined
  const change = (to: string) => {
    if (to === 'build') onChange(value, value.trim() === '' ? first : (check.data?.tree as Group))
    else onChange(written ?? value, undefined)
  }
  return (
    <div>
      <div className="rule-head">
        <div>
          <p className="strong small">{label}</p>
          <p className="dim small">{description}</p>
        </div>
        <SegmentedControl
          aria-label={t.rule.how(label)}
          size="xs"
          disabled={disabled || (!tree && !buildable)}
          {...(!tree && !buildable && { title: t.rule.tooMuch })}
          data={[
            { value: 'build', label: t.rule.build },
            { value: 'write', label: 'CEL' },
          ]}
          value={tree ? 'build' : 'write'}
          onChange={change}
        />
      </div>
      {tree ? (
        <Suspense fallback={<Skeleton height={90} />}>
          <RuleBuilder label={label} tree={tree} onChange={(next) => onChange(value, next)} disabled={disabled} />
          <Built check={said} settled={settled === tree} onEmpty={tree.rules.length === 0 && !disabled ? () => onChange('', undefined) : undefined} />
          {error && <p className="error">{error}</p>}
        </Suspense>
      ) : (
        <RuleInput label={label} value={value} onChange={(text) => onChange(text, undefined)} onFocus={onFocus} error={error} disabled={disabled} />
      )}
    </div>
  )
}

/** What was built, as it is kept. */
function Built({ check, settled, onEmpty }: { check: ReturnType<typeof useTreeCheck>; settled: boolean; onEmpty: (() => void) | undefined }) {
  if (onEmpty) {
    return (
      <p className="rule-says">
        <span>
          {t.rule.empty}{' '}
          <button type="button" className="link" onClick={onEmpty}>
            {t.rule.emptyYes}
          </button>
          {t.rule.emptyOr}
        </span>
      </p>
    )
  }
  if (!settled || !check.data) return <p className="rule-says">{t.rule.checking}</p>
  const { ok, expression, error } = check.data
  return ok ? (
    <p className="rule-says" data-tone="good">
      <Check size={12} aria-hidden /> <code className="rule-code" dir="ltr">{expression}</code>
    </p>
  ) : (
    <p className="rule-says" data-tone="bad" role="status">
      <CircleAlert size={12} aria-hidden /> <bdi>{worded(error ?? '')}</bdi>
    </p>
  )
}
