import type { FeedField, FeedPlan, FeedReport } from '@aisle/api'
import { percent } from '@aisle/ui'
import { Autocomplete, Checkbox, MultiSelect, Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { layoutOf, layoutWords, usualLayouts } from './layout'
import { changeField, roles, tidyings, types } from './plan'

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
              In the file
            </th>
            <th scope="col" style={{ width: '18%' }}>
              Called here
            </th>
            <th scope="col" style={{ width: '19%' }}>
              Type
            </th>
            <th scope="col" style={{ width: '16%' }}>
              Means
            </th>
            <th scope="col">Tidied</th>
            <th scope="col" style={{ width: 74 }}>
              Leave out
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
            <span className="dim small num">in {percent(1 - report.nulls, 0)}</span> <span className="mono dim small examples-of">{report.examples?.slice(0, 3).join(' · ')}</span>
            {report.note && <p className="dim small">{report.note}</p>}
          </>
        )}
      </td>
      <td>
        <TextInput aria-label={`Name of ${from}`} value={name} onChange={({ currentTarget }) => onChange({ name: currentTarget.value })} error={problem} disabled={off} spellCheck={false} className="typed" />
      </td>
      <td>
        <Select aria-label={`Type of ${from}`} data={types} value={type} onChange={(type) => type && onChange({ type })} disabled={off} />
        {type === 'time' && (
          <Autocomplete size="xs" aria-label={`How ${from} is written`} placeholder="DD.MM.YYYY HH:mm" data={usualLayouts} value={written} onChange={write} disabled={off} spellCheck={false} className="typed" mt={4} />
        )}
        {type === 'number' && <Checkbox mt={4} label="Written 1.234,50" checked={layout === 'decimal_comma'} onChange={({ currentTarget }) => onChange({ layout: currentTarget.checked ? 'decimal_comma' : '' })} disabled={off} />}
      </td>
      <td>
        <Select aria-label={`What ${from} means`} data={roles} value={role ?? null} onChange={(role) => onChange({ role: role ?? '' })} placeholder="Nothing special" clearable allowDeselect searchable disabled={off} />
      </td>
      <td>
        <MultiSelect
          aria-label={`How ${from} is tidied`}
          data={tidyings}
          value={normalise ?? []}
          onChange={(normalise) => onChange({ normalise: normalise as NonNullable<FeedField['normalise']> })}
          placeholder={normalise?.length ? '' : 'As it is'}
          disabled={off}
        />
      </td>
      <td>
        <Checkbox aria-label={`Leave ${from} out`} checked={exclude ?? false} onChange={({ currentTarget }) => onChange({ exclude: currentTarget.checked })} disabled={disabled} />
      </td>
    </tr>
  )
}
