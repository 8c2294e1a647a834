import type { FeedField, FeedPlan, FeedReport } from '@aisle/api'
import { percent } from '@aisle/ui'
import { Autocomplete, Checkbox, MultiSelect, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { layoutOf, layoutWords, noteWords, usualLayouts } from './layout'
import { changeField, roles, tidyings, types } from './plan'
import { t } from './words'

interface FieldsTableProps {
  plan: FeedPlan
  reports: Map<string, FeedReport>
  problems: Map<number, string>
  disabled: boolean
  onChange: (plan: FeedPlan) => void
}

/** The fields of a file, in its order: what they are called here, what they are, and what they mean. */
export function FieldsTable({ plan, reports, problems, disabled, onChange }: FieldsTableProps) {
  const fields = plan.parser?.fields ?? []
  return (
    <div className="scroll">
      <table className="table feed-fields">
        <thead>
          <tr>
            <th scope="col" style={{ width: '25%' }}>
              {t.fields.file}
            </th>
            <th scope="col" style={{ width: '18%' }}>
              {t.fields.called}
            </th>
            <th scope="col" style={{ width: '19%' }}>
              {t.fields.type}
            </th>
            <th scope="col" style={{ width: '16%' }}>
              {t.fields.means}
            </th>
            <th scope="col">{t.fields.tidied}</th>
            <th scope="col" style={{ width: 74 }}>
              {t.fields.out}
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map((field, i) => (
            <Field key={field.from} field={field} report={reports.get(field.from)} problem={problems.get(i)} disabled={disabled} onChange={(part) => onChange(changeField(plan, i, part))} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface FieldProps {
  field: FeedField
  report: FeedReport | undefined
  problem: string | undefined
  disabled: boolean
  onChange: (part: Partial<FeedField>) => void
}

function Field({ field, report, problem, disabled, onChange }: FieldProps) {
  const { from, name, type, layout, role, exclude, normalise } = field
  const off = disabled || exclude === true
  // What is typed stays as it is typed; the plan has its own way of writing it.
  const [typed, setTyped] = useState<string>()
  const written = typed !== undefined && layoutOf(typed) === (layout ?? '') ? typed : layoutWords(layout ?? '')
  const write = (words: string) => {
    setTyped(words)
    onChange({ layout: layoutOf(words) })
  }
  return (
    <tr data-out={exclude || undefined}>
      <td>
        <span className="mono strong">{from}</span>
        {report && (
          <>
            <br />
            <span className="dim small num">{t.fields.in(percent(1 - report.nulls, 0))}</span> <bdi className="mono dim small examples-of" dir="ltr">
              {report.examples?.slice(0, 3).join(' · ')}
            </bdi>
            {report.note && (
              <p className="dim small" dir="auto">
                {noteWords(report.note)}
              </p>
            )}
          </>
        )}
      </td>
      <td>
        <TextInput aria-label={t.fields.nameOf(from)} value={name} onChange={({ currentTarget }) => onChange({ name: currentTarget.value })} error={problem} disabled={off} spellCheck={false} className="typed" />
      </td>
      <td>
        <Select aria-label={t.fields.typeOf(from)} data={types} value={type} onChange={(type) => type && onChange({ type })} disabled={off} />
        {type === 'time' && (
          <Autocomplete size="xs" aria-label={t.fields.writtenOf(from)} placeholder="DD.MM.YYYY HH:mm" data={usualLayouts} value={written} onChange={write} disabled={off} spellCheck={false} className="typed" mt={4} />
        )}
        {type === 'number' && <Checkbox mt={4} label={t.fields.comma} checked={layout === 'decimal_comma'} onChange={({ currentTarget }) => onChange({ layout: currentTarget.checked ? 'decimal_comma' : '' })} disabled={off} />}
      </td>
      <td>
        <Select aria-label={t.fields.meansOf(from)} data={roles} value={role ?? null} onChange={(role) => onChange({ role: role ?? '' })} placeholder={t.fields.nothing} clearable allowDeselect searchable disabled={off} />
      </td>
      <td>
        <MultiSelect
          aria-label={t.fields.tidiedOf(from)}
          data={tidyings}
          value={normalise ?? []}
          onChange={(normalise) => onChange({ normalise: normalise as NonNullable<FeedField['normalise']> })}
          placeholder={normalise?.length ? '' : t.fields.asItIs}
          disabled={off}
        />
      </td>
      <td>
        <Checkbox aria-label={t.fields.outOf(from)} checked={exclude ?? false} onChange={({ currentTarget }) => onChange({ exclude: currentTarget.checked })} disabled={disabled} />
      </td>
    </tr>
  )
}
