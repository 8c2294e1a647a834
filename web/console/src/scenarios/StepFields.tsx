import { useScenarios } from '@aisle/api'
import { triggerChoices, triggerWord } from '@aisle/ui'
import { ActionIcon, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react'
import { RuleInput } from '../campaigns/RuleInput'
import { completed, moved, stepLead, type Draft } from './draft'
import { spanText } from './spans'
import { t } from './words'

export interface StepFieldsProps {
  form: UseFormReturnType<Draft>
  at: number
  readOnly: boolean
  /** The scenario, if it is kept: it does not wait for itself. */
  self: string | undefined
  onFocus: (area: HTMLTextAreaElement) => void
}

/** All that one step says, and where it stands among the others. */
export function StepFields({ form, at, readOnly, self, onFocus }: StepFieldsProps) {
  const scenarios = useScenarios()
  const step = form.values.steps[at]!
  const last = form.values.steps.length - 1
  const path = `steps.${at}`
  const field = (name: string) => ({ ...form.getInputProps(`${path}.${name}`), disabled: readOnly })
  const known = triggerChoices()
  const choices = [...known, ...step.events.filter((event) => !known.some(({ value }) => value === event)).map((value) => ({ value, label: triggerWord(value) }))]
  const move = (to: number) => form.setFieldValue('steps', moved(form.values.steps, at, to))
  return (
    <>
      <div className="between">
        <h3 className="step-head">
          <span className="flow-number num">{at + 1}</span> {stepLead(form.values.steps, at)}
        </h3>
        {!readOnly && (
          <span className="row" style={{ gap: 4 }}>
            <ActionIcon variant="subtle" color="gray" aria-label={t.fields.up(at + 1)} disabled={at === 0} onClick={() => move(at - 1)}>
              <ArrowUp size={14} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" aria-label={t.fields.down(at + 1)} disabled={at === last} onClick={() => move(at + 1)}>
              <ArrowDown size={14} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" aria-label={t.fields.remove(at + 1)} onClick={() => form.removeListItem('steps', at)}>
              <Trash2 size={14} />
            </ActionIcon>
          </span>
        )}
      </div>
      <div className="fields">
        <MultiSelect className="w6" openOnFocus={false} label={step.not ? t.fields.mustNot : t.fields.happens} required searchable clearable placeholder={step.events.length === 0 ? t.fields.any : ''} data={choices} {...field('events')} />
        <TextInput className="w6" dir="auto" label={t.fields.called} placeholder={step.not ? t.fields.calledNotSample : t.fields.calledSample} maxLength={160} {...field('name')} />
        {step.events.includes(completed) && (
          <Select
            className="w6"
            label={t.fields.which}
            required
            searchable
            data={(scenarios.data ?? []).filter(({ scenario }) => scenario.id !== self).map(({ scenario: { id, name } }) => ({ value: id, label: name }))}
            {...field('scenario')}
            value={step.scenario || null}
            onChange={(id) => form.setFieldValue(`${path}.scenario`, id ?? '')}
          />
        )}
        {step.not ? (
          <TextInput className="w6" label={t.fields.for} description={at === last ? t.fields.forLast : t.fields.forEmpty} placeholder={spanText(20 * 60e9)} {...field('for')} />
        ) : (
          <>
            {at > 0 && <TextInput className="w4" label={t.fields.within} description={t.fields.withinMore} required placeholder={spanText(2 * 3_600e9)} {...field('within')} />}
            <NumberInput className="w4" label={t.fields.often} description={t.fields.oftenMore} placeholder="1" min={1} max={20} allowDecimal={false} {...field('times')} />
            {Number(step.times) > 1 && <TextInput className="w4" label={t.fields.in} description={t.fields.inMore} placeholder={spanText(3_600e9)} {...field('in')} />}
          </>
        )}
        <RuleInput
          label={t.fields.onlyIf}
          description={t.fields.onlyIfMore}
          value={step.where}
          onChange={(text) => form.setFieldValue(`${path}.where`, text)}
          onFocus={onFocus}
          error={form.errors[`${path}.where`]}
          disabled={readOnly}
        />
      </div>
    </>
  )
}
