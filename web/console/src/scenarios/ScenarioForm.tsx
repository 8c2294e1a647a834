import { useScenarios, type ScenarioDraft } from '@aisle/api'
import { triggerChoices, triggerWord } from '@aisle/ui'
import { ActionIcon, Button, Checkbox, MultiSelect, NumberInput, Select, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { ArrowDown, ArrowUp, Ban, Plus, Trash2 } from 'lucide-react'
import { useRef, type ReactNode } from 'react'
import { RuleFields } from '../campaigns/RuleFields'
import { RuleInput } from '../campaigns/RuleInput'
import { fieldErrors } from '../errors'
import { useUnsavedGuard } from '../unsaved'
import { completed, draftOf, mistakes, moved, newStep, renamed, scenarioOf, type Draft } from './draft'
import './scenarios.css'

interface ScenarioFormProps<S extends ScenarioDraft> {
  scenario: S
  readOnly?: boolean
  /** It was never kept, so it can be kept unchanged. */
  isNew?: boolean
  saveLabel: string
  /** Keeps it; what the server refuses is shown beside its fields. */
  onSave: (scenario: S) => Promise<unknown>
  error: unknown
  aside?: ReactNode
}

const abouts = [
  { value: 'category', label: 'the same category' },
  { value: 'product', label: 'the same product' },
  { value: 'zone', label: 'the same zone' },
  { value: 'shop', label: 'the same shop' },
]

/** Everything about a scenario that a marketer decides: its steps in their order, from top to bottom. */
export function ScenarioForm<S extends ScenarioDraft>({ scenario, readOnly = false, isNew = false, saveLabel, onSave, error, aside }: ScenarioFormProps<S>) {
  const form = useForm<Draft>({ initialValues: draftOf(scenario), validate: mistakes, validateInputOnBlur: false })
  const { values } = form
  const focused = useRef<HTMLTextAreaElement>(null)
  const saving = useRef(false)
  useUnsavedGuard('scenario', () => form.isDirty() && !saving.current)
  const field = (name: keyof Draft) => ({ ...form.getInputProps(name), disabled: readOnly })
  const toFirstMistake = () => requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())

  const save = async (values: Draft) => {
    saving.current = true
    try {
      await onSave(scenarioOf(values, scenario))
      form.resetDirty(values)
    } catch (error) {
      form.setErrors(fieldErrors(error, renamed))
      toFirstMistake()
    } finally {
      saving.current = false
    }
  }
  const pick = (name: string) => {
    const area = focused.current
    if (!area) return
    area.focus()
    area.setRangeText(name, area.selectionStart, area.selectionEnd, 'end')
    area.dispatchEvent(new Event('input', { bubbles: true }))
  }
  const add = (not: boolean) => form.insertListItem('steps', newStep(not, values.steps.length === 0))

  return (
    <form className="two" noValidate onSubmit={form.onSubmit(save, toFirstMistake)}>
      <div className="stack" style={{ gap: 16 }}>
        <section className="card block" aria-label="Name">
          <div className="fields">
            <TextInput label="Name" required maxLength={160} placeholder="Searched, came, did not buy" {...field('name')} />
            <Textarea label="What it is for" autosize minRows={1} maxRows={4} {...field('description')} />
          </div>
        </section>

        <section className="card block" aria-label="Steps">
          <h2>Steps</h2>
          <ol className="flow">
            {values.steps.map((step, i) => (
              <StepFields key={step.key} form={form} at={i} readOnly={readOnly} self={scenario.id} onFocus={(area) => (focused.current = area)} />
            ))}
          </ol>
          {form.errors.steps && <p className="error">{form.errors.steps}</p>}
          {!readOnly && values.steps.length < 12 && (
            <div className="row">
              <Button variant="default" leftSection={<Plus size={13} />} onClick={() => add(false)}>
                {values.steps.length === 0 ? 'Begin with what happens' : 'Then something happens'}
              </Button>
              {values.steps.length > 0 && (
                <Button variant="default" leftSection={<Ban size={13} />} onClick={() => add(true)}>
                  Then something must not happen
                </Button>
              )}
            </div>
          )}
        </section>

        <section className="card block" aria-label="Who is in it, and how often">
          <h2>Who is in it, and how often</h2>
          <div className="fields">
            <Select className="w6" label="All steps are about" placeholder="anything: once a shopper" clearable data={abouts} {...field('by')} value={values.by || null} onChange={(by) => form.setFieldValue('by', by ?? '')} />
            <TextInput className="w6" label="Again after" description="how long after the end it may begin anew" placeholder="At once" {...field('again')} />
            <Checkbox label="The first step, when it happens again on the way, begins anew" {...form.getInputProps('restart', { type: 'checkbox' })} disabled={readOnly} />
          </div>
        </section>

        <section className="card block" aria-label="Beside others">
          <h2>Beside others</h2>
          <div className="fields">
            <TextInput className="w6" label="Group" description="of scenarios that exclude one another" placeholder="None" maxLength={60} {...field('group')} />
            <NumberInput className="w6" label="Priority" description="a greater one silences others of the group" placeholder="0" min={0} max={1000} allowDecimal={false} {...field('priority')} />
            <TagsInput className="w6" label="Silences" description="groups that say nothing meanwhile, such as sales" placeholder={values.excludes.length === 0 ? 'None' : ''} {...field('excludes')} />
            <TextInput className="w6" label="And goes on to for" description="after it was completed" placeholder="Not at all" {...field('hold')} />
          </div>
        </section>

        {!readOnly && (
          <div className="save-bar">
            <span className="grow dim small" role="status">
              {Object.keys(form.errors).length > 0 ? <span className="error">Some fields need a look.</span> : form.isDirty() || isNew ? 'Not kept yet.' : 'Everything is kept.'}
            </span>
            {form.isDirty() && (
              <Button variant="default" onClick={form.reset}>
                Undo changes
              </Button>
            )}
            <Button type="submit" disabled={!isNew && !form.isDirty()} loading={form.submitting}>
              {saveLabel}
            </Button>
          </div>
        )}
      </div>
      <aside>
        {error ? (
          <div className="problem" role="alert">
            <p>{error instanceof Error ? error.message : 'It could not be kept.'}</p>
          </div>
        ) : null}
        {aside}
        {!readOnly && <RuleFields onPick={pick} />}
      </aside>
    </form>
  )
}

interface StepFieldsProps {
  form: UseFormReturnType<Draft>
  at: number
  readOnly: boolean
  self: string | undefined
  onFocus: (area: HTMLTextAreaElement) => void
}

function StepFields({ form, at, readOnly, self, onFocus }: StepFieldsProps) {
  const scenarios = useScenarios()
  const step = form.values.steps[at]!
  const last = form.values.steps.length - 1
  const path = `steps.${at}`
  const field = (name: string) => ({ ...form.getInputProps(`${path}.${name}`), disabled: readOnly })
  const choices = [...triggerChoices, ...step.events.filter((event) => !triggerChoices.some(({ value }) => value === event)).map((value) => ({ value, label: triggerWord(value) }))]
  const move = (to: number) => form.setFieldValue('steps', moved(form.values.steps, at, to))
  const title = `Step ${at + 1}${step.name ? `: ${step.name}` : ''}`
  return (
    <li data-not={step.not || undefined} aria-label={title}>
      <div className="between">
        <h3>
          <span className="flow-number num">{at + 1}</span> {step.not ? (step.for.trim() ? 'And not, for a time' : 'And not, until the next step') : at === 0 ? 'When' : 'Then'}
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
    </li>
  )
}
