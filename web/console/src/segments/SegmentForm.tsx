import type { SegmentDraft } from '@aisle/api'
import { Button, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRef, type ReactNode } from 'react'
import { RuleEditor } from '../campaigns/RuleEditor'
import { RuleFields } from '../campaigns/RuleFields'
import { write } from '../campaigns/write'
import type { Group } from '../campaigns/ruleTree'
import { fieldErrors } from '../errors'
import { useUndo } from '../undo'
import { UndoButtons } from '../UndoButtons'
import { useUnsavedGuard } from '../unsaved'
import { AudienceCount } from './AudienceCount'
import { t } from './words'

interface Draft {
  name: string
  description: string
  rule: string
  /** Of what the rule is built; nothing where it is written. */
  tree: Group | undefined
}

interface SegmentFormProps {
  segment: SegmentDraft
  readOnly?: boolean
  isNew?: boolean
  saveLabel: string
  onSave: (says: Pick<SegmentDraft, 'name' | 'description' | 'rule' | 'tree'>) => Promise<unknown>
  aside?: ReactNode
}

const mistakes = ({ name, rule, tree }: Draft) => ({
  ...(!name.trim() && { name: t.form.noName }),
  ...(!tree && !rule.trim() && { rule: t.form.noRule }),
})

const toMistake = () => requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())

/** What a segment is called, and who belongs to it. */
export function SegmentForm({ segment, readOnly = false, isNew = false, saveLabel, onSave, aside }: SegmentFormProps) {
  const form = useForm<Draft>({
    initialValues: { name: segment.name, description: segment.description ?? '', rule: segment.rule ?? '', tree: segment.tree as Group | undefined },
    validate: mistakes,
  })
  const { values } = form
  const undo = useUndo(form)
  const focused = useRef<HTMLTextAreaElement>(null)
  const saving = useRef(false)
  useUnsavedGuard('segment', () => form.isDirty() && !saving.current)

  const save = async ({ name, description, rule, tree }: Draft) => {
    saving.current = true
    try {
      await onSave({ name: name.trim(), description: description.trim(), rule: rule.trim(), ...(tree && { tree: { ...tree } }) })
      form.resetDirty(values)
    } catch (error) {
      form.setErrors(fieldErrors(error, {}))
      toMistake()
    } finally {
      saving.current = false
    }
  }
  const pick = (name: string) => write(focused.current, name)
  return (
    <form className="two" noValidate onSubmit={form.onSubmit(save, toMistake)}>
      <div className="stack" style={{ gap: 16 }}>
        <section className="card block" aria-label={t.form.name}>
          <div className="fields">
            <TextInput label={t.form.name} required maxLength={120} placeholder={t.form.namePlaceholder} dir="auto" disabled={readOnly} {...form.getInputProps('name')} />
            <Textarea label={t.form.purpose} dir="auto" autosize minRows={1} maxRows={4} disabled={readOnly} {...form.getInputProps('description')} />
          </div>
        </section>
        <section className="card block" aria-label={t.whoBelongs}>
          <RuleEditor
            label={t.form.rule}
            description={t.form.ruleNote}
            value={values.rule}
            tree={values.tree}
            onChange={(rule, tree) => {
              form.setValues({ rule, tree })
              form.clearFieldError('rule')
            }}
            onFocus={(area) => {
              focused.current = area
            }}
            error={form.errors.rule}
            disabled={readOnly}
          />
        </section>
        {!readOnly && (
          <div className="save-bar">
            <UndoButtons {...undo} />
            <span className="grow dim small" role="status">
              {Object.keys(form.errors).length > 0 ? <span className="error">{t.form.mistakes}</span> : form.isDirty() || isNew ? t.form.unsaved : t.form.saved}
            </span>
            <Button type="submit" disabled={!isNew && !form.isDirty()} loading={form.submitting}>
              {saveLabel}
            </Button>
          </div>
        )}
      </div>
      <aside>
        <section className="card block" aria-label={t.form.howMany}>
          <AudienceCount of={values.tree ? { tree: values.tree } : { expression: values.rule }} />
        </section>
        {aside}
        {!readOnly && !values.tree && <RuleFields onPick={pick} />}
      </aside>
    </form>
  )
}
