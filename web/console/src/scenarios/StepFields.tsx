import { useScenarios } from '@aisle/api'
import { triggerChoices, triggerWord } from '@aisle/ui'
import { ActionIcon, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { ArrowDown, ArrowUp, Trash2 } from 'lucide-react'
import { RuleInput } from '../campaigns/RuleInput'
import { completed, moved, stepLead, type Draft } from './draft'

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
            <ActionIcon variant="subtle" color="gray" aria-label={`Move step ${at + 1} up`} disabled={at === 0} onClick={() => move(at - 1)}>
              <ArrowUp size={14} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" aria-label={`Move step ${at + 1} down`} disabled={at === last} onClick={() => move(at + 1)}>
              <ArrowDown size={14} />
            </ActionIcon>
            <ActionIcon variant="subtle" color="gray" aria-label={`Remove step ${at + 1}`} onClick={() => form.removeListItem('steps', at)}>
              <Trash2 size={14} />
            </ActionIcon>
          </span>
        )}
      </div>
      <div className="fields">
        <MultiSelect className="w6" label={step.not ? 'Must not happen' : 'Happens'} required searchable clearable placeholder={step.events.length === 0 ? 'Any of these events' : ''} data={choices} {...field('events')} />
        <TextInput className="w6" label="Called" placeholder={step.not ? 'Buys it' : 'Stops at the shelf'} maxLength={160} {...field('name')} />
        {step.events.includes(completed) && (
          <Select
            className="w6"
            label="Which scenario"
            required
            searchable
            data={(scenarios.data ?? []).filter(({ scenario }) => scenario.id !== self).map(({ scenario: { id, name } }) => ({ value: id, label: name }))}
            {...field('scenario')}
            value={step.scenario || null}
            onChange={(id) => form.setFieldValue(`${path}.scenario`, id ?? '')}
          />
        )}
        {step.not ? (
          <TextInput className="w6" label="For" description={at === last ? 'it is the last step' : 'empty: until the next step'} placeholder="20 min" {...field('for')} />
        ) : (
          <>
            {at > 0 && <TextInput className="w4" label="Within" description="of the step before" required placeholder="2 h" {...field('within')} />}
            <NumberInput className="w4" label="How often" description="in all" placeholder="1" min={1} max={20} allowDecimal={false} {...field('times')} />
            {Number(step.times) > 1 && <TextInput className="w4" label="In" description="of one another" placeholder="1 h" {...field('in')} />}
          </>
        )}
        <RuleInput
          label="Only if"
          description="A condition on what happens and on the shopper"
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
