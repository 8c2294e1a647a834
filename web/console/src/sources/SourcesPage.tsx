import { useAddSource, useMay, useRemoveSource, useShapes, useSources, type Source, type SourceKind } from '@aisle/api'
import { ago, CopyId, count, dateTime, Empty, plural, sourceKindWord, Status, useNow } from '@aisle/ui'
import { ActionIcon, Button, Select, TextInput, Tooltip } from '@mantine/core'
import { useForm } from '@mantine/form'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { Plus, Trash2 } from 'lucide-react'
import { fieldErrors } from '../errors'
import { Freshness } from '../Freshness'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { HowToSend } from './HowToSend'
import { bySource, named } from './arriving'

/** Where events come from, and what each of them sends. */
export default function SourcesPage() {
  const sources = useSources()
  const may = useMay('admin', 'marketer')
  return (
    <Page title="Sources" note="Web sites, apps and tills that may tell what shoppers do. Each has a write key of its own.">
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
    <section className="card" aria-label="What arrives">
      <div className="card-head">
        <h2>What arrives</h2>
        <Freshness of={shapes} />
      </div>
      <Loaded of={shapes} height={180}>
        {(shapes) =>
          shapes.length === 0 ? (
            <Empty title="Nothing has arrived yet">Send the first event with a write key below. Then the events of each source are listed here, with their fields and what has changed in them.</Empty>
          ) : (
            <div className="scroll">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">Source</th>
                    <th scope="col">Events</th>
                    <th scope="col">Changes</th>
                    <th scope="col">Mapping</th>
                    <th scope="col" className="n">
                      Received
                    </th>
                    <th scope="col" className="n">
                      Latest
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
                      <td>{open > 0 ? <Status state={{ word: `${plural(open, 'change')} to judge`, tone: 'warn' }} /> : <span className="dim">None to judge</span>}</td>
                      <td className="dim">{mapping ? `Version ${mapping}` : 'As it comes'}</td>
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
      title: `Withdraw the write key of “${source.name}”?`,
      children: <p className="dim">From now on nothing that is sent with this key is taken. What was sent before stays.</p>,
      labels: { confirm: 'Withdraw it', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(source.key, { onSuccess: () => done(`The key of “${source.name}” is withdrawn.`), onError: failed }),
    })
  return (
    <section className="card" aria-label="Write keys">
      <div className="card-head">
        <h2>Write keys</h2>
        <AddSource />
      </div>
      {sources.length === 0 ? (
        <Empty title="No source yet">Make a write key, and give it to your web site’s Segment client or your till. What it sends is heard at once.</Empty>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Source</th>
                <th scope="col">Kind</th>
                <th scope="col">Write key</th>
                <th scope="col" className="n">
                  Made
                </th>
                <th scope="col" className="n">
                  <span className="hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {sources.map((source) => (
                <tr key={source.key}>
                  <td className="strong">{source.name}</td>
                  <td>{sourceKindWord(source.kind)}</td>
                  <td>
                    <CopyId value={source.key} label="write key" />
                  </td>
                  <td className="n">{dateTime(source.created)}</td>
                  <td className="n">
                    {mayRemove && (
                      <Tooltip label="Withdraw">
                        <ActionIcon aria-label={`Withdraw the key of ${source.name}`} onClick={() => ask(source)}>
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
  const form = useForm<{ name: string; kind: SourceKind }>({ initialValues: { name: '', kind: 'website' }, validate: { name: (name) => (name.trim() ? null : 'Give it a name') } })
  const send = form.onSubmit(({ name, kind }) =>
    add.mutate(
      { name: name.trim(), kind },
      {
        onSuccess: (source) => {
          done(`“${source.name}” has a write key.`)
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
      <TextInput aria-label="Name of the source" placeholder="Web shop" w={170} {...form.getInputProps('name')} />
      <Select aria-label="Kind of the source" w={110} data={kinds} {...form.getInputProps('kind')} />
      <Button type="submit" variant="default" leftSection={<Plus size={13} />} loading={add.isPending}>
        Make a write key
      </Button>
    </form>
  )
}
