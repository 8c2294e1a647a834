import { useAddSource, useMay, useQuarantine, useRemoveSource, useSources, type Quarantine, type Source, type SourceKind } from '@aisle/api'
import { ago, CopyId, count, dateTime, Empty, plural, RawJson, reasonWord, sourceKindWord, spaced, Status, useNow } from '@aisle/ui'
import { ActionIcon, Button, Select, TextInput, Tooltip } from '@mantine/core'
import { useForm } from '@mantine/form'
import { modals } from '@mantine/modals'
import { Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { HowToSend } from './HowToSend'

/** Where events come from, and what could not be read of them. */
export default function SourcesPage() {
  const sources = useSources()
  const quarantine = useQuarantine()
  const may = useMay('admin', 'marketer')
  return (
    <Page title="Sources" note="Web sites, apps and tills that may tell what shoppers do. Each has a write key of its own.">
      {may && (
        <Loaded of={sources} height={240}>
          {(sources) => <SourcesCard sources={sources} />}
        </Loaded>
      )}
      <Loaded of={quarantine} height={320}>
        {(quarantine) => <QuarantineCard quarantine={quarantine} />}
      </Loaded>
    </Page>
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
                  <td>{sourceKindWord[source.kind]}</td>
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

const kinds = (['website', 'app', 'server', 'till'] as const).map((value) => ({ value, label: sourceKindWord[value] }))

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

function QuarantineCard({ quarantine: { counts, records } }: { quarantine: Quarantine }) {
  const now = useNow(5_000)
  const [reason, setReason] = useState<string>()
  const reasons = Object.entries(counts).filter(([, n]) => n > 0)
  const shown = records.filter((record) => !reason || record.reason === reason)
  return (
    <section className="card" aria-label="Quarantine">
      <div className="card-head">
        <h2>Quarantine</h2>
        <span className="dim">what could not be read, whole, with its reason; kept for 30 days</span>
      </div>
      {records.length === 0 ? (
        <Empty title="Nothing lies here">Everything that was sent could be read. What cannot be is kept here, so that nothing is lost.</Empty>
      ) : (
        <>
          <div className="counts num" style={{ padding: '0 14px 12px' }} role="group" aria-label="Only one reason">
            {reasons.map(([name, n]) => (
              <button key={name} type="button" className="choice" style={{ padding: '7px 12px' }} aria-pressed={reason === name} onClick={() => setReason(reason === name ? undefined : name)}>
                <span className="strong">{count(n)}</span>
                <span className="dim small">{reasonWord[name] ?? spaced(name)}</span>
              </button>
            ))}
          </div>
          <div className="scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">When</th>
                  <th scope="col">Reason</th>
                  <th scope="col">From</th>
                  <th scope="col" style={{ width: '55%' }}>
                    How to mend it
                  </th>
                </tr>
              </thead>
              <tbody>
                {shown.map((record) => (
                  <tr key={record.id} style={{ verticalAlign: 'top' }}>
                    <td className="num" title={dateTime(record.received)}>
                      {ago(record.received, now)}
                    </td>
                    <td>
                      <Status state={{ word: reasonWord[record.reason] ?? spaced(record.reason), tone: 'warn' }} />
                    </td>
                    <td className="mono">{record.source}</td>
                    <td>
                      {record.detail}
                      <RawJson value={parsed(record.body)} label={record.body ? 'What was sent' : 'What was sent is shown to marketers and admins'} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
          <p className="list-foot num">
            {plural(shown.length, 'record')}, the latest{reason ? ` that ${shown.length === 1 ? 'is' : 'are'} “${reasonWord[reason] ?? reason}”` : ''}
          </p>
        </>
      )}
    </section>
  )
}

/** A body as JSON where it is that, else as the text that it is. */
function parsed(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    return body
  }
}
