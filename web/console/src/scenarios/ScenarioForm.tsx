import type { ScenarioDraft, ScenarioWithCounts } from '@aisle/api'
import { Skeleton } from '@aisle/ui'
import { Button, Checkbox, NumberInput, SegmentedControl, Select, TagsInput, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useLocalStorage } from '@mantine/hooks'
import { Ban, Plus } from 'lucide-react'
import { lazy, Suspense, useRef, useState, type ReactNode } from 'react'
import { RuleFields } from '../campaigns/RuleFields'
import { write } from '../campaigns/write'
import { NotKept, SaveBar, useKeeping } from '../edited'
import { UndoButtons } from '../UndoButtons'
import { AddStep } from './AddStep'
import { draftOf, mistakes, newStep, renamed, scenarioOf, type Draft, type StepKind } from './draft'
import './scenarios.css'
import { StepFields } from './StepFields'
import { Legend } from './StepFunnel'
import { t } from './words'

const FlowEditor = lazy(() => import('./flow/FlowEditor'))

interface ScenarioFormProps<S extends ScenarioDraft> {
  scenario: S
  readOnly?: boolean
  /** It was never kept, so it can be kept unchanged. */
  isNew?: boolean
  saveLabel: string
  /** Keeps it; what the server refuses is shown beside its fields. */
  onSave: (scenario: S) => Promise<unknown>
  error: unknown
  onDirty?: (dirty: boolean) => void
  /** What became of shoppers at its steps as they are kept, and what waits for it. */
  now?: Pick<ScenarioWithCounts, 'steps' | 'used'>
  aside?: ReactNode
}

const abouts = [
  { value: 'category', label: t.form.abouts.category },
  { value: 'product', label: t.form.abouts.product },
  { value: 'zone', label: t.form.abouts.zone },
  { value: 'shop', label: t.form.abouts.shop },
]

/** Everything about a scenario that a marketer decides: its steps as a flow or as a list, which are two looks at one draft. */
export function ScenarioForm<S extends ScenarioDraft>({ scenario, readOnly = false, isNew = false, saveLabel, onSave, error, onDirty, now, aside }: ScenarioFormProps<S>) {
  const [kept] = useState(() => draftOf(scenario))
  const form = useForm<Draft>({ initialValues: kept, validate: mistakes, validateInputOnBlur: false })
  const { values } = form
  const { undo, onSubmit } = useKeeping(form, { what: 'scenario', renamed, onDirty, keep: (values) => onSave(scenarioOf(values, scenario)) })
  const [look, setLook] = useLocalStorage<'flow' | 'list'>({ key: 'aisle-steps', defaultValue: 'flow', getInitialValueInEffect: false })
  const focused = useRef<HTMLTextAreaElement>(null)
  const field = (name: keyof Draft) => ({ ...form.getInputProps(name), disabled: readOnly })
  const pick = (name: string) => write(focused.current, name)
  const [chosen, setChosen] = useState<string>()
  const add = (kind: StepKind) => {
    const step = newStep(kind, values.steps.length === 0)
    form.insertListItem('steps', step)
    setChosen(step.key)
  }
  const toFocus = (area: HTMLTextAreaElement) => (focused.current = area)
  const room = !readOnly && values.steps.length < 12

  return (
    <form className="two" noValidate onSubmit={onSubmit}>
      <section className="card block whole-width" aria-label={t.form.steps}>
        <div className="between steps-head">
          <h2>{t.form.steps}</h2>
          {now && look === 'flow' && <Legend />}
          <span className="row">
            {!readOnly && <UndoButtons {...undo} />}
            {room && values.steps.length > 0 && look === 'flow' && <AddStep first={false} onAdd={add} />}
            <SegmentedControl
              aria-label={t.form.showAs}
              data={[
                { value: 'flow', label: t.form.flow },
                { value: 'list', label: t.form.list },
              ]}
              value={look}
              onChange={(value) => setLook(value as typeof look)}
            />
          </span>
        </div>
        {look === 'flow' ? (
          <Suspense fallback={<Skeleton height={320} />}>
            <FlowEditor
              form={form}
              readOnly={readOnly}
              self={scenario.id}
              onFocus={toFocus}
              chosen={chosen}
              onChoose={setChosen}
              counts={new Map(now?.steps.map((count, i) => [kept.steps[i]?.key ?? '', count]))}
              wakes={now?.used.map(({ name }) => name) ?? []}
            />
          </Suspense>
        ) : (
          <>
            <ol className="flow">
              {values.steps.map((step, i) => (
                <li key={step.key} data-not={step.not || undefined} aria-label={t.form.stepLabel(i + 1, step.name)}>
                  <StepFields form={form} at={i} readOnly={readOnly} self={scenario.id} onFocus={toFocus} />
                </li>
              ))}
            </ol>
            {room && (
              <div className="row">
                <Button variant="default" leftSection={<Plus size={13} />} onClick={() => add('event')}>
                  {values.steps.length === 0 ? t.form.begin : t.form.next}
                </Button>
                {values.steps.length > 0 && (
                  <Button variant="default" leftSection={<Ban size={13} />} onClick={() => add('absence')}>
                    {t.form.thenNot}
                  </Button>
                )}
              </div>
            )}
          </>
        )}
        {form.errors.steps && <p className="error">{form.errors.steps}</p>}
      </section>
      <div className="stack" style={{ gap: 16 }}>
        <section className="card block" aria-label={t.form.nameLabel}>
          <div className="fields">
            <TextInput label={t.form.name} required maxLength={160} dir="auto" placeholder={t.form.nameSample} {...field('name')} />
            <Textarea dir="auto" label={t.form.description} autosize minRows={1} maxRows={4} {...field('description')} />
          </div>
        </section>

        <section className="card block" aria-label={t.form.who}>
          <h2>{t.form.who}</h2>
          <div className="fields">
            <Select className="w6" label={t.form.by} placeholder={t.form.byAnything} clearable data={abouts} {...field('by')} value={values.by || null} onChange={(by) => form.setFieldValue('by', by ?? '')} />
            <TextInput className="w6" label={t.form.again} description={t.form.againMore} placeholder={t.form.atOnce} {...field('again')} />
            <Checkbox label={t.form.restart} {...form.getInputProps('restart', { type: 'checkbox' })} disabled={readOnly} />
          </div>
        </section>

        <section className="card block" aria-label={t.form.beside}>
          <h2>{t.form.beside}</h2>
          <div className="fields">
            <TextInput className="w6" label={t.form.group} description={t.form.groupMore} placeholder={t.form.none} maxLength={60} {...field('group')} />
            <NumberInput className="w6" label={t.form.priority} description={t.form.priorityMore} placeholder="0" min={0} max={1000} allowDecimal={false} {...field('priority')} />
            <TagsInput className="w6" label={t.form.silences} description={t.form.silencesMore} placeholder={values.excludes.length === 0 ? t.form.none : ''} {...field('excludes')} />
            <TextInput className="w6" label={t.form.hold} description={t.form.holdMore} placeholder={t.form.notAtAll} {...field('hold')} />
          </div>
        </section>

        {!readOnly && <SaveBar form={form} isNew={isNew} label={saveLabel} />}
      </div>
      <aside>
        {error ? <NotKept error={error} /> : null}
        {aside}
        {!readOnly && <RuleFields onPick={pick} />}
      </aside>
    </form>
  )
}
