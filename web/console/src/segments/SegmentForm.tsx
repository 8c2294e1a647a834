import type { SegmentDraft } from '@aisle/api'
import { Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRef, type ReactNode } from 'react'
import { RuleEditor } from '../campaigns/RuleEditor'
import { RuleFields } from '../campaigns/RuleFields'
import { write } from '../campaigns/write'
import type { Group } from '../campaigns/ruleTree'
import { NotKept, SaveBar, useKeeping } from '../edited'
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
  error: unknown
  onDirty?: (dirty: boolean) => void
  aside?: ReactNode
}

const mistakes = ({ name, rule, tree }: Draft) => ({
  ...(!name.trim() && { name: t.form.noName }),
  ...(!tree && !rule.trim() && { rule: t.form.noRule }),
})

/** What a segment is called, and who belongs to it. */
export function SegmentForm({ segment, readOnly = false, isNew = false, saveLabel, onSave, error, onDirty, aside }: SegmentFormProps) {
  const form = useForm<Draft>({
    initialValues: { name: segment.name, description: segment.description ?? '', rule: segment.rule ?? '', tree: segment.tree as Group | undefined },
    validate: mistakes,
  })
  const { values } = form
  const { undo, onSubmit } = useKeeping(form, {
    what: 'segment',
    onDirty,
    keep: ({ name, description, rule, tree }) => onSave({ name: name.trim(), description: description.trim(), rule: rule.trim(), ...(tree && { tree: { ...tree } }) }),
  })
  const focused = useRef<HTMLTextAreaElement>(null)
  const pick = (name: string) => write(focused.current, name)
  return (
    <form className="two" noValidate onSubmit={onSubmit}>
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
        {!readOnly && <SaveBar form={form} isNew={isNew} label={saveLabel} undo={undo} />}
      </div>
      <aside>
        {error ? <NotKept error={error} /> : null}
        <section className="card block" aria-label={t.form.howMany}>
          <AudienceCount of={values.tree ? { tree: values.tree } : { expression: values.rule }} />
        </section>
        {aside}
        {!readOnly && !values.tree && <RuleFields onPick={pick} />}
      </aside>
    </form>
  )
}
