import { useAddSource, useMay, useRemoveSource, useShapes, useSources, type Source, type SourceKind } from '@aisle/api'
import { ago, CopyId, count, dateTime, Empty, sourceKindWord, Status, useNow } from '@aisle/ui'
import { ActionIcon, Button, Select, TextInput, Tooltip } from '@mantine/core'
import { useForm } from '@mantine/form'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { Plus, Trash2 } from 'lucide-react'
import { fieldErrors } from '../errors'
import { Freshness } from '../Freshness'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { t as house } from '../words'
import { HowToSend } from './HowToSend'
import { bySource, named } from './arriving'
import { t } from './words'

/** Where events come from, and what each of them sends. */
export default function SourcesPage() {
  const sources = useSources()
  const may = useMay('admin', 'marketer')
  return (
    <Page title={t.title} note={t.note}>
      <Arriving />
      {may && (
        <Loaded of={sources} height={240}>
          {(sources) => <SourcesCard sources={sources} />}
        </Loaded>
      )}
    </Page>
  )
}

/** What each source sends, a line a source. */
function Arriving() {
  const shapes = useShapes()
  const now = useNow(5_000)
  return (
    <section className="card" aria-label={t.arriving.title}>
      <div className="card-head">
        <h2>{t.arriving.title}</h2>
        <Freshness of={shapes} />
      </div>
      <Loaded of={shapes} height={180}>
        {(shapes) =>
          shapes.length === 0 ? (
            <Empty title={t.arriving.none}>{t.arriving.noneMore}</Empty>
          ) : (
            <div className="scroll">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{t.arriving.source}</th>
                    <th scope="col">{t.arriving.events}</th>
                    <th scope="col">{t.arriving.changes}</th>
                    <th scope="col">{t.arriving.mapping}</th>
                    <th scope="col" className="n">
                      {t.arriving.received}
                    </th>
                    <th scope="col" className="n">
                      {t.arriving.latest}
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {bySource(shapes).map(({ source, events, count: received, last, open, mapping }) => (
                    <tr key={source}>
                      <td>
                        <Link className="whole" to="/sources/source" search={{ name: source }}>
                          {source}
                        </Link>
                      </td>
                      <td className="dim">{named(events)}</td>
                      <td>{open > 0 ? <Status state={{ word: t.toJudge(open), tone: 'warn' }} /> : <span className="dim">{t.arriving.noneToJudge}</span>}</td>
                      <td className="dim">{mapping ? t.version(mapping) : t.arriving.asItComes}</td>
                      <td className="n">{count(received)}</td>
                      <td className="n" title={dateTime(last)}>
                        {ago(last, now)}
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Loaded>
    </section>
  )
}

function SourcesCard({ sources }: { sources: Source[] }) {
  const remove = useRemoveSource()
  const mayRemove = useMay('admin')
  const ask = (source: Source) =>
    modals.openConfirmModal({
      title: t.keys.ask(source.name),
      children: <p className="dim">{t.keys.askMore}</p>,
      labels: { confirm: t.keys.yes, cancel: house.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => void remove.mutateAsync(source.key).then(() => done(t.keys.withdrawn(source.name)), failed),
    })
  return (
    <section className="card" aria-label={t.keys.title}>
      <div className="card-head">
        <h2>{t.keys.title}</h2>
        <AddSource />
      </div>
      {sources.length === 0 ? (
        <Empty title={t.keys.none}>{t.keys.noneMore}</Empty>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t.keys.source}</th>
                <th scope="col">{t.keys.kind}</th>
                <th scope="col">{t.keys.key}</th>
                <th scope="col" className="n">
                  {t.keys.made}
                </th>
                <th scope="col" className="n">
                  <span className="hidden">{t.keys.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {sources.map((source) => (
                <tr key={source.key}>
                  <td className="strong">
                    <bdi>{source.name}</bdi>
                  </td>
                  <td>{sourceKindWord(source.kind)}</td>
                  <td>
                    <CopyId value={source.key} label={t.writeKey} />
                  </td>
                  <td className="n">{dateTime(source.created)}</td>
                  <td className="n">
                    {mayRemove && (
                      <Tooltip label={t.keys.withdraw}>
                        <ActionIcon aria-label={t.keys.withdrawOf(source.name)} onClick={() => ask(source)}>
                          <Trash2 size={14} />
                        </ActionIcon>
                      </Tooltip>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {sources[0] && (
        <div style={{ padding: '12px 14px', borderTop: '1px solid var(--line)' }}>
          <HowToSend source={sources[0]} />
        </div>
      )}
    </section>
  )
}

const kinds = (['website', 'app', 'server', 'till'] as const).map((value) => ({ value, label: sourceKindWord(value) }))

function AddSource() {
  const add = useAddSource()
  const form = useForm<{ name: string; kind: SourceKind }>({ initialValues: { name: '', kind: 'website' }, validate: { name: (name) => (name.trim() ? null : t.keys.nameless) } })
  const send = form.onSubmit(({ name, kind }) =>
    add.mutate(
      { name: name.trim(), kind },
      {
        onSuccess: (source) => {
          done(t.keys.added(source.name))
          form.reset()
        },
        onError: (error) => {
          const fields = fieldErrors(error)
          form.setErrors(fields)
          if (Object.keys(fields).length === 0) failed(error)
        },
      },
    ),
  )
  return (
    <form className="row" onSubmit={send} noValidate>
      <TextInput aria-label={t.keys.name} placeholder={t.keys.example} w={170} {...form.getInputProps('name')} />
      <Select aria-label={t.keys.kindOf} w={110} data={kinds} {...form.getInputProps('kind')} />
      <Button type="submit" variant="default" leftSection={<Plus size={13} />} loading={add.isPending}>
        {t.keys.add}
      </Button>
    </form>
  )
}
