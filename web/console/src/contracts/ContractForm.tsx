import { Problem, useContractCheck, useMay, usePublishContract, useSaveContract, useShapes, type ContractChecked, type ContractWhole, type JSONSchema } from '@aisle/api'
import { CodeArea, count, Empty, Failure, Skeleton, worded } from '@aisle/ui'
import { Button, MultiSelect, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { useMemo, useState } from 'react'
import { done, failed } from '../say'
import { t as house } from '../words'
import { checkWords, placeIn, readSchema, schemaText } from './schema'
import { t } from './words'

interface ContractFormProps {
  event: string
  whole?: ContractWhole
  schema: JSONSchema
  sources: string[]
  /** Nobody wrote it yet: it can be kept as it stands. */
  fresh?: boolean
  reload?: () => unknown
}

/** A schema as text, what it would have refused, and the way to the door: kept as a draft, then published. */
export function ContractForm({ event, whole, schema, sources: kept, fresh = false, reload }: ContractFormProps) {
  const may = useMay('admin', 'marketer')
  const before = useMemo(() => schemaText(schema), [schema])
  const [text, setText] = useState(before)
  const [sources, setSources] = useState(kept)
  const [note, setNote] = useState('')
  const read = useMemo(() => readSchema(text), [text])
  const [settled] = useDebouncedValue(useMemo(() => (read.schema ? { schema: read.schema, sources } : undefined), [read.schema, sources]), 400)
  const check = useContractCheck(event, may ? settled : undefined)
  const save = useSaveContract(event)
  const publish = usePublishContract(event)
  const shapes = useShapes()
  const known = [...new Set([...kept, ...(shapes.data ?? []).filter((shape) => shape.event === event).map(({ source }) => source)])]
  const latest = whole?.latest ?? 0
  const changed = fresh || text !== before || sources.join('\n') !== kept.join('\n')
  const fits = check.data && !check.isPlaceholderData && settled?.schema === read.schema
  const unusable = fits && !check.data!.ok
  const marks = read.wrong
    ? [{ from: read.wrong.at, says: read.wrong.says }]
    : unusable
      ? [{ ...placeIn(text, check.data!.pointer), says: worded(check.data!.error ?? t.form.unusable) }]
      : []
  const conflict = save.error instanceof Problem && save.error.status === 409
  const ready = read.schema !== undefined && !unusable

  const keep = () => save.mutateAsync({ version: latest, schema: read.schema!, sources, ...(note.trim() && { note: note.trim() }) })
  const keepDraft = () => keep().then(({ latest }) => done(t.form.kept(latest)), (error) => (error instanceof Problem && error.status === 409 ? undefined : failed(error)))
  const ask = () =>
    modals.openConfirmModal({
      title: changed ? t.publish.askThis : t.publish.ask(latest),
      children: (
        <p className="dim">
          {fits ? checkWords(check.data!) : t.publish.untried} {t.publish.more}
        </p>
      ),
      labels: { confirm: t.publish.publish, cancel: house.cancel },
      onConfirm: async () => {
        try {
          const version = changed ? (await keep()).latest : latest
          await publish.mutateAsync(version)
          done(t.publish.done(version, event))
        } catch (error) {
          if (!(error instanceof Problem && error.status === 409)) failed(error)
        }
      },
    })
  const format = () => read.schema && setText(schemaText(read.schema))

  return (
    <div className="two" data-wide="">
      <div className="stack">
        <section className="card block" aria-label={t.form.label}>
          <div className="between">
            <h2>{t.form.title}</h2>
            <span className="row">
              <span className="dim small" dir="ltr">
                {t.form.dialect}
              </span>
              {may && (
                <Button size="compact-sm" variant="default" onClick={format} disabled={!read.schema || text === schemaText(read.schema)}>
                  {t.form.tidy}
                </Button>
              )}
            </span>
          </div>
          <CodeArea label={t.form.schemaOf(event)} value={text} onChange={setText} marks={marks} disabled={!may} minLines={16} maxHeight="min(620px, 52vh)" />
          <MultiSelect
            label={t.form.sources}
            description={t.form.sourcesMore}
            data={known}
            value={sources}
            onChange={setSources}
            placeholder={sources.length === 0 ? t.everySource : ''}
            disabled={!may}
            searchable
            clearable
          />
        </section>
        {conflict && (
          <div className="problem" role="alert">
            <p>
              <strong>{t.form.conflict}</strong> {t.form.conflictMore}
            </p>
            <Button variant="default" onClick={() => void reload?.()}>
              {t.form.reload}
            </Button>
          </div>
        )}
        {may && (changed || whole?.live !== latest) && (
          <div className="save-bar" role="group" aria-label={t.form.save}>
            {changed && <TextInput aria-label={t.form.note} placeholder={t.form.noteOptional} maxLength={500} value={note} onChange={({ currentTarget }) => setNote(currentTarget.value)} w={240} />}
            {changed && !fresh && (
              <Button
                variant="default"
                onClick={() => {
                  setText(before)
                  setSources(kept)
                }}
              >
                {t.form.takeBack}
              </Button>
            )}
            {changed && (
              <Button variant="default" disabled={!ready} loading={save.isPending} onClick={() => void keepDraft()}>
                {t.form.keep}
              </Button>
            )}
            <Button disabled={!ready} loading={publish.isPending} onClick={ask}>
              {changed ? t.form.publish : t.form.publishVersion(latest)}
            </Button>
          </div>
        )}
      </div>
      {may && (
        <aside>
          <section className="card block" aria-label={t.trial.title}>
            <h2>{t.trial.title}</h2>
            {read.wrong ? (
              <p className="dim small">{t.trial.noJson}</p>
            ) : check.error ? (
              <Failure error={check.error} retry={check.refetch} />
            ) : check.data ? (
              <div className="stack" data-old={!fits || undefined} aria-live="polite">
                <Checked checked={check.data} />
              </div>
            ) : (
              <Skeleton height={120} />
            )}
          </section>
        </aside>
      )}
    </div>
  )
}

function Checked({ checked }: { checked: ContractChecked }) {
  if (!checked.ok) return (
    <div className="stack" style={{ gap: 4 }}>
      <p className="error" dir="auto">{worded(checked.error ?? t.form.unusable)}</p>
      <p className="dim small">{t.trial.marked}</p>
    </div>
  )
  const { failed, tested, problems } = checked
  if (tested === 0) return <Empty title={t.trial.nothing}>{checkWords(checked)}</Empty>
  return (
    <>
      <p className="row verdict" data-tone={failed === 0 ? 'good' : 'warn'}>
        {failed === 0 ? <CircleCheck size={16} aria-hidden /> : <TriangleAlert size={16} aria-hidden />}
        <span className="strong num">{checkWords(checked)}</span>
      </p>
      {problems.length > 0 && (
        <ol className="examples" aria-label={t.trial.why}>
          {problems.map(({ at, says, count: times, source }) => (
            <li key={`${at} ${says}`}>
              <p className="between">
                <code className="cut">{at || '/'}</code>
                <span className="num dim">{count(times)}×</span>
              </p>
              <p className="small" dir="auto">{worded(says)}</p>
              {source && (
                <p className="dim small">
                  {t.trial.latestFrom}{' '}
                  <Link to="/sources/source" search={{ name: source }}>
                    {source}
                  </Link>
                </p>
              )}
            </li>
          ))}
        </ol>
      )}
    </>
  )
}
