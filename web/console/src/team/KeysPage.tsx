import { useAddAPIKey, useAPIKeys, useMay, useRevokeAPIKey, type APIKey, type Scope } from '@aisle/api'
import { ago, CopyId, dateTime, Empty, Status, useNow, type State } from '@aisle/ui'
import { ActionIcon, Button, Checkbox, Select, TextInput, Tooltip } from '@mantine/core'
import { useForm } from '@mantine/form'
import { modals } from '@mantine/modals'
import { KeyRound, Trash2 } from 'lucide-react'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { t as house } from '../words'
import { scopes } from './roles'
import { t } from './words'

/** What programs come in with. */
export default function KeysPage() {
  const may = useMay('admin')
  return (
    <Page title={t.keys.title} note={t.keys.note}>
      {may ? (
        <>
          <Loaded of={useAPIKeys()} height={160}>
            {(keys) => <KeysTable keys={keys} />}
          </Loaded>
          <AddKeyForm />
        </>
      ) : (
        <div className="card">
          <Empty title={t.keys.notYours.title}>{t.keys.notYours.more}</Empty>
        </div>
      )}
    </Page>
  )
}

const stateOf = (key: APIKey, now: number): State => {
  if (key.revoked) return { word: t.keys.states.revoked, tone: 'none' }
  if (key.expires && Date.parse(key.expires) <= now) return { word: t.keys.states.expired, tone: 'none' }
  return { word: t.keys.states.good, tone: 'good' }
}

function KeysTable({ keys }: { keys: APIKey[] }) {
  const now = useNow(30_000)
  const revoke = useRevokeAPIKey()
  const ask = (key: APIKey) =>
    modals.openConfirmModal({
      title: t.revoke.title(key.name),
      children: <p className="dim">{t.revoke.more}</p>,
      labels: { confirm: t.revoke.doIt, cancel: house.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => void revoke.mutateAsync(key.id).then(() => done(t.revoke.done(key.name)), failed),
    })
  if (keys.length === 0) {
    return (
      <section className="card" aria-label={t.keys.label}>
        <Empty title={t.keys.none}>{t.keys.noneMore}</Empty>
      </section>
    )
  }
  return (
    <section className="card" aria-label={t.keys.label}>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.keys.for}</th>
              <th scope="col">{t.keys.hint}</th>
              <th scope="col">{t.keys.may}</th>
              <th scope="col">{t.keys.state}</th>
              <th scope="col">{t.keys.made}</th>
              <th scope="col" className="n">
                {t.keys.used}
              </th>
              <th scope="col" className="n">
                <span className="hidden">{t.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {keys.map((key) => (
              <tr key={key.id}>
                <td className="strong">
                  <bdi>{key.name}</bdi>
                </td>
                <td className="mono">
                  <bdi dir="ltr">…{key.hint}</bdi>
                </td>
                <td>{key.scopes.map((scope) => scopes.find(({ value }) => value === scope)?.label ?? scope).join(', ')}</td>
                <td>
                  <Status state={stateOf(key, now)} />
                  {key.expires && !key.revoked && <span className="dim small">{t.keys.until(dateTime(key.expires))}</span>}
                </td>
                <td title={dateTime(key.created)}>
                  {ago(key.created, now)} <span className="dim">{t.keys.by(key.by)}</span>
                </td>
                <td className="n">{key.used ? <span title={dateTime(key.used)}>{ago(key.used, now)}</span> : <span className="dim">{t.keys.never}</span>}</td>
                <td className="n">
                  {!key.revoked && (
                    <Tooltip label={t.revoke.open}>
                      <ActionIcon aria-label={t.revoke.label(key.name)} onClick={() => ask(key)}>
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
  { value: '30', label: t.make.spans.month },
  { value: '90', label: t.make.spans.quarter },
  { value: '365', label: t.make.spans.year },
  { value: '', label: t.make.spans.never },
]

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString()

function AddKeyForm() {
  const add = useAddAPIKey()
  const form = useForm<{ name: string; scopes: Scope[]; days: string }>({
    initialValues: { name: '', scopes: [], days: '365' },
    validate: {
      name: (name) => (name.trim() ? null : t.make.nameMissing),
      scopes: (chosen) => (chosen.length > 0 ? null : t.make.mayMissing),
    },
  })
  const send = form.onSubmit(({ name, scopes: chosen, days }) =>
    add.mutate(
      { name, scopes: chosen, ...(days && { expires: inDays(Number(days)) }) },
      {
        onSuccess: ({ made, key }) => {
          form.reset()
          modals.open({
            title: t.make.made(made.name),
            children: (
              <div className="stack">
                <p className="dim">{t.make.copy}</p>
                <CopyId value={key} label={t.make.key} />
                <p className="dim small">
                  {t.make.sendAs} <code dir="ltr">Authorization: Bearer …</code>
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
    <form className="card block" onSubmit={send} noValidate aria-label={t.make.title}>
      <h2>{t.make.title}</h2>
      <div className="fields">
        <TextInput className="w6" label={t.make.name} required autoComplete="off" maxLength={80} {...form.getInputProps('name')} />
        <Select className="w6" label={t.make.ends} data={spans} allowDeselect={false} {...form.getInputProps('days')} />
      </div>
      <Checkbox.Group label={t.make.may} required {...form.getInputProps('scopes')}>
        <div className="stack" style={{ paddingTop: 6 }}>
          {scopes.map(({ value, label, may }) => (
            <Checkbox key={value} value={value} label={label} description={may} />
          ))}
        </div>
      </Checkbox.Group>
      <Button type="submit" leftSection={<KeyRound size={14} />} loading={add.isPending} style={{ justifySelf: 'start' }}>
        {t.make.doIt}
      </Button>
    </form>
  )
}
