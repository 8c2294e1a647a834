import { useAddAPIKey, useAPIKeys, useMay, useRevokeAPIKey, type APIKey, type Scope } from '@aisle/api'
import { ago, CopyId, dateTime, Empty, Status, useNow, type State } from '@aisle/ui'
import { ActionIcon, Button, Checkbox, Select, TextInput, Tooltip } from '@mantine/core'
import { useForm } from '@mantine/form'
import { modals } from '@mantine/modals'
import { KeyRound, Trash2 } from 'lucide-react'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { scopes } from './roles'

/** What programs come in with. */
export default function KeysPage() {
  const may = useMay('admin')
  return (
    <Page title="API keys" note="What programs come in with. Each opens only what it was made for, and is shown once.">
      {may ? (
        <>
          <Loaded of={useAPIKeys()} height={160}>
            {(keys) => <KeysTable keys={keys} />}
          </Loaded>
          <AddKeyForm />
        </>
      ) : (
        <div className="card">
          <Empty title="Only admins see the keys">Ask an admin for a key for your program.</Empty>
        </div>
      )}
    </Page>
  )
}

const stateOf = (key: APIKey, now: number): State => {
  if (key.revoked) return { word: 'Revoked', tone: 'none' }
  if (key.expires && Date.parse(key.expires) <= now) return { word: 'Expired', tone: 'none' }
  return { word: 'Opens', tone: 'good' }
}

function KeysTable({ keys }: { keys: APIKey[] }) {
  const now = useNow(30_000)
  const revoke = useRevokeAPIKey()
  const ask = (key: APIKey) =>
    modals.openConfirmModal({
      title: `Revoke the key “${key.name}”?`,
      children: <p className="dim">Within ten seconds it opens nothing any more, anywhere. That cannot be undone; make a new key instead.</p>,
      labels: { confirm: 'Revoke it', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => revoke.mutate(key.id, { onSuccess: () => done(`“${key.name}” is revoked.`), onError: failed }),
    })
  if (keys.length === 0) {
    return (
      <section className="card" aria-label="Keys">
        <Empty title="No key yet">Programs that write events for a web site or a till have a write key under Sources. A key here is for everything else, and opens only what you choose.</Empty>
      </section>
    )
  }
  return (
    <section className="card" aria-label="Keys">
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">For</th>
              <th scope="col">Ends with</th>
              <th scope="col">May</th>
              <th scope="col">State</th>
              <th scope="col">Made</th>
              <th scope="col" className="n">
                Used
              </th>
              <th scope="col" className="n">
                <span className="hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <tr key={key.id}>
                <td className="strong">{key.name}</td>
                <td className="mono">…{key.hint}</td>
                <td>{key.scopes.map((scope) => scopes.find(({ value }) => value === scope)?.label ?? scope).join(', ')}</td>
                <td>
                  <Status state={stateOf(key, now)} />
                  {key.expires && !key.revoked && <span className="dim small"> until {dateTime(key.expires)}</span>}
                </td>
                <td title={dateTime(key.created)}>
                  {ago(key.created, now)} <span className="dim">by {key.by}</span>
                </td>
                <td className="n">{key.used ? <span title={dateTime(key.used)}>{ago(key.used, now)}</span> : <span className="dim">never</span>}</td>
                <td className="n">
                  {!key.revoked && (
                    <Tooltip label="Revoke">
                      <ActionIcon aria-label={`Revoke ${key.name}`} onClick={() => ask(key)}>
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
    </section>
  )
}

const spans = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: '', label: 'Never' },
]

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()

function AddKeyForm() {
  const add = useAddAPIKey()
  const form = useForm<{ name: string; scopes: Scope[]; days: string }>({
    initialValues: { name: '', scopes: [], days: '365' },
    validate: {
      name: (name) => (name.trim() ? null : 'What it is for'),
      scopes: (chosen) => (chosen.length > 0 ? null : 'What it may do'),
    },
  })
  const send = form.onSubmit(({ name, scopes: chosen, days }) =>
    add.mutate(
      { name, scopes: chosen, ...(days && { expires: inDays(Number(days)) }) },
      {
        onSuccess: ({ made, key }) => {
          form.reset()
          modals.open({
            title: `The key for “${made.name}”`,
            children: (
              <div className="stack">
                <p className="dim">Copy it now: it is shown this once, and kept nowhere.</p>
                <CopyId value={key} label="key" />
                <p className="dim small">
                  Send it as <code>Authorization: Bearer …</code>
                </p>
              </div>
            ),
          })
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
    <form className="card block" onSubmit={send} noValidate aria-label="Make a key">
      <h2>Make a key</h2>
      <div className="fields">
        <TextInput className="w6" label="What it is for" required autoComplete="off" maxLength={80} {...form.getInputProps('name')} />
        <Select className="w6" label="It ends" data={spans} allowDeselect={false} {...form.getInputProps('days')} />
      </div>
      <Checkbox.Group label="It may" required {...form.getInputProps('scopes')}>
        <div className="stack" style={{ paddingTop: 6 }}>
          {scopes.map(({ value, label, may }) => (
            <Checkbox key={value} value={value} label={label} description={may} />
          ))}
        </div>
      </Checkbox.Group>
      <Button type="submit" leftSection={<KeyRound size={14} />} loading={add.isPending} style={{ justifySelf: 'start' }}>
        Make it
      </Button>
    </form>
  )
}
