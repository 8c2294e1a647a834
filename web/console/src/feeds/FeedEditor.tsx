import { Problem, usePreviewFeed, useSaveFeed, useShops, type FeedPlan, type FeedPreview, type FeedReport } from '@aisle/api'
import { Button, Switch, Autocomplete, Select, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { RawJson, said, worded } from '@aisle/ui'
import { ChevronRight, TriangleAlert } from 'lucide-react'
import { useMemo, useState } from 'react'
import { fieldErrors } from '../errors'
import { done } from '../say'
import { t as house } from '../words'
import { FieldsTable } from './FieldsTable'
import { feedName, fieldProblems, forText, isFeedName, kindWords, lacks, textOf } from './plan'
import { RowsPreview } from './RowsPreview'
import type { Sample } from './SampleInput'
import { t } from './words'
import './feeds.css'

interface FeedEditorProps {
  plan: FeedPlan
  /** What was found in the sample; absent where an older plan is changed. */
  proposal?: FeedPreview
  sample?: Sample
  /** Of a feed that is there already. */
  feed?: { name: string; version: number }
  may: boolean
  onSaved: (name: string) => void
  reload?: () => unknown
}

const events = ['product_searched', 'product_viewed', 'product_list_viewed', 'product_added', 'cart_viewed', 'checkout_started', 'order_completed', 'page_viewed', 'identify']

/** How the records of a file are read: its fields named, what they mean, and what comes out of the sample. */
export function FeedEditor({ plan: first, proposal, sample, feed, may, onSaved, reload }: FeedEditorProps) {
  const [plan, setPlan] = useState(first)
  const [name, setName] = useState(feed?.name ?? feedName(sample?.name ?? ''))
  const [note, setNote] = useState('')
  const save = useSaveFeed()
  // What is said of a field stands with the field.
  const notes = proposal?.notes.filter((said) => !proposal.fields.some(({ note }) => note && said.endsWith(`: ${note}`))) ?? []
  const reports = useMemo(() => new Map<string, FeedReport>(proposal?.fields.map((report) => [report.from, report])), [proposal])
  const fields = plan.parser?.fields ?? []
  const problems = fieldProblems(fields)
  const whole = problems.size === 0
  const [settled] = useDebouncedValue(whole ? plan : undefined, 400)
  const text = useMemo(() => sample && textOf(sample.bytes, first), [sample, first])
  const preview = usePreviewFeed(may && text !== undefined && settled ? forText(settled) : undefined, text)
  const missing = lacks(plan)
  const nameWrong = name !== '' && !isFeedName(name) ? t.editor.badName : undefined
  const conflict = save.error instanceof Problem && save.error.status === 409
  const planWrong = fieldErrors(preview.error).plan ?? fieldErrors(save.error).plan
  const changed = !feed || JSON.stringify(plan) !== JSON.stringify(first)
  // What is kept begins this form anew, so the answer is waited for here. Why not is told in the bar.
  const send = () =>
    save.mutateAsync({ feed: name, version: feed?.version ?? 0, plan, ...(note.trim() && { note: note.trim() }) }).then(
      () => {
        done(t.editor.kept(name))
        onSaved(name)
      },
      () => undefined,
    )

  return (
    <div className="stack" style={{ gap: 16 }}>
      <section className="card" aria-label={t.editor.label}>
        <div className="list-head">
          <p>
            <span className="strong">{kindWords(plan)}.</span>
            {sample && <span className="dim small num"> {sample.cut ? t.editor.cut : ''}</span>}
          </p>
          <RawJson value={plan} label={t.editor.json} />
        </div>
        {notes.length > 0 && (
          <ul className="plan-notes">
            {notes.map((note) => (
              <li key={note}>
                <bdi>{worded(note)}</bdi>
              </li>
            ))}
          </ul>
        )}
        {fields.length > 0 ? (
          <FieldsTable plan={plan} reports={reports} problems={problems} disabled={!may} onChange={setPlan} />
        ) : plan.format === 'access' ? (
          <p className="list-foot">{t.editor.accessMore}</p>
        ) : (
          <p className="list-foot">{t.editor.itself}</p>
        )}
        {plan.parser?.kind === 'text' && plan.parser.templates && plan.parser.templates.length > 0 && <Templates templates={plan.parser.templates} />}
      </section>
      <Settings plan={plan} onChange={setPlan} disabled={!may} />
      {missing.length > 0 && (
        <ul className="lacks">
          {missing.map((words) => (
            <li key={words}>
              <TriangleAlert size={14} aria-hidden /> {words}
            </li>
          ))}
        </ul>
      )}
      {planWrong && (
        <p className="error" role="alert">
          {planWrong}
        </p>
      )}
      {sample ? (
        <RowsPreview of={planWrong ? { ...preview, error: null } : preview} whole={whole && !planWrong} />
      ) : (
        may && <p className="dim small">{t.editor.giveSample}</p>
      )}
      {may && changed && (
        <div className="save-bar" role="group" aria-label={house.save}>
          {save.error && !conflict && !planWrong && (
            <p className="error grow" role="alert" dir="auto">
              {Object.values(fieldErrors(save.error))[0] ?? said(save.error)}
            </p>
          )}
          {conflict && (
            <p className="error grow" role="alert">
              {feed ? t.editor.changed : t.editor.taken}{' '}
              {feed && reload && (
                <Button size="compact-xs" variant="default" onClick={() => void reload()}>
                  {t.editor.reload}
                </Button>
              )}
            </p>
          )}
          {!feed && <TextInput aria-label={t.editor.name} placeholder="till-orders" value={name} onChange={({ currentTarget }) => setName(currentTarget.value)} error={nameWrong} w={220} spellCheck={false} className="typed" />}
          <TextInput aria-label={t.editor.note} placeholder={t.editor.noteOptional} maxLength={500} value={note} onChange={({ currentTarget }) => setNote(currentTarget.value)} w={230} />
          {feed && (
            <Button variant="default" onClick={() => setPlan(first)}>
              {t.editor.takeBack}
            </Button>
          )}
          <Button onClick={() => void send()} loading={save.isPending} disabled={!whole || !isFeedName(name)}>
            {feed ? t.editor.keepChanges : t.editor.keep}
          </Button>
        </div>
      )}
    </div>
  )
}

function Settings({ plan, onChange, disabled }: { plan: FeedPlan; onChange: (plan: FeedPlan) => void; disabled: boolean }) {
  const shops = useShops()
  const says = plan.parser?.fields?.some(({ role, exclude }) => role === 'event' && !exclude)
  /** Sets a part, or takes it away where it is empty. */
  const set = (part: Partial<FeedPlan>) => onChange(Object.fromEntries(Object.entries({ ...plan, ...part }).filter(([, value]) => value !== '' && value !== undefined && value !== false)) as FeedPlan)
  const told = (role: 'user' | 'cookie', field: string) => {
    const { [role]: _, ...rest } = plan.fields ?? {}
    const fields = field ? { ...rest, [role]: field } : rest
    const { fields: __, ...others } = plan
    onChange(Object.keys(fields).length > 0 ? { ...others, fields } : others)
  }
  const zoned = plan.parser !== undefined
  return (
    <section className="card block" aria-label={t.all.title}>
      <h2>{t.all.title}</h2>
      <div className="fields">
        {plan.format !== 'snowplow' && (
          <Autocomplete className="w4 typed" size="xs" label={t.all.event} description={says ? t.all.eventEmpty : t.all.eventWords} data={events} value={plan.event ?? ''} onChange={(event) => set({ event })} placeholder={plan.format === 'access' ? 'page_viewed' : 'order_completed'} disabled={disabled} />
        )}
        <Select className="w4" label={t.all.shop} description={t.all.shopMore} data={(shops.data ?? []).map(({ id, name }) => ({ value: id, label: name }))} value={plan.shop ?? null} onChange={(shop) => set({ shop: shop ?? '' })} clearable allowDeselect placeholder={t.all.noShop} disabled={disabled} />
        {zoned && (
          <Select
            className="w4"
            label={t.all.zone}
            description={t.all.zoneMore}
            data={Intl.supportedValuesOf('timeZone')}
            searchable
            clearable
            limit={60}
            value={plan.parser?.zone || null}
            onChange={(zone) => {
              const { zone: _, ...parser } = plan.parser!
              onChange({ ...plan, parser: zone ? { ...parser, zone } : parser })
            }}
            placeholder="UTC"
            disabled={disabled}
          />
        )}
        {plan.format === 'access' && (
          <>
            <Autocomplete className="w4 typed" size="xs" label={t.all.user} description={t.all.userMore} data={['user', 'extra1', 'extra2']} value={plan.fields?.user ?? ''} onChange={(field) => told('user', field)} placeholder={t.all.notTold} disabled={disabled} />
            <Autocomplete className="w4 typed" size="xs" label={t.all.cookie} description={t.all.cookieMore} data={['extra1', 'extra2', 'cookie.visitor']} value={plan.fields?.cookie ?? ''} onChange={(field) => told('cookie', field)} placeholder={t.all.notTold} disabled={disabled} />
            <div className="row" style={{ gap: 32, flexWrap: 'wrap' }}>
              <Switch label={t.all.assets} checked={plan.keep_assets ?? false} onChange={({ currentTarget }) => set({ keep_assets: currentTarget.checked })} disabled={disabled} />
              <Switch label={t.all.nameless} checked={plan.nameless ?? false} onChange={({ currentTarget }) => set({ nameless: currentTarget.checked })} disabled={disabled} />
            </div>
          </>
        )}
      </div>
    </section>
  )
}

function Templates({ templates }: { templates: Record<string, unknown>[] }) {
  return (
    <details className="fold" style={{ padding: '10px 14px', borderTop: '1px solid var(--line)' }}>
      <summary>
        <ChevronRight size={13} aria-hidden />
        {t.editor.messages}
      </summary>
      <ol className="templates">
        {templates.slice(0, 50).map((template, i) => (
          <li key={i}>
            <code>{typeof template.text === 'string' && template.text ? template.text : t.editor.anyOther}</code>
            {typeof template.lines === 'number' && template.lines > 0 && <span className="dim small num"> {template.lines}×</span>}
          </li>
        ))}
      </ol>
    </details>
  )
}
