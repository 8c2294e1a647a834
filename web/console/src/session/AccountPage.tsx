import { useChangePassword, useEndSession, useSession, useSessions, type MySession } from '@aisle/api'
import { ago, dateTime, Status, useNow } from '@aisle/ui'
import { Button, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { deviceOf } from './device'
import { t } from './words'

/** One's own settings: the password, and where one is signed in. */
export default function AccountPage() {
  const session = useSession()
  const sessions = useSessions()
  return (
    <Page title={t.account.title} note={session.data?.person?.email} narrow>
      <PasswordForm />
      <Loaded of={sessions} height={160}>
        {(sessions) => <Sessions sessions={sessions} />}
      </Loaded>
    </Page>
  )
}

/** As many as there are shown at first: the latest, and this one. */
const few = 5

function Sessions({ sessions }: { sessions: MySession[] }) {
  const now = useNow(30_000)
  const end = useEndSession()
  const [all, setAll] = useState(false)
  const shown = all ? sessions : sessions.filter(({ here }, i) => i < few || here)
  const there = (id: string | undefined) => void end.mutateAsync(id).then(() => done(id ? t.account.outThere : t.account.outElsewhere), failed)
  return (
    <section className="card" aria-label={t.account.where}>
      <div className="card-head">
        <h2>{t.account.where}</h2>
        {sessions.length > 1 && (
          <Button size="xs" onClick={() => there(undefined)}>
            {t.account.outEverywhere}
          </Button>
        )}
      </div>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t.account.browser}</th>
            <th scope="col">{t.account.address}</th>
            <th scope="col">{t.account.since}</th>
            <th scope="col" className="n">
              {t.account.used}
            </th>
            <th scope="col" className="n">
              <span className="hidden">{t.account.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map(({ id, device, address, started, used, until, how, here }) => (
            <tr key={id}>
              <td className="strong" title={device}>
                {deviceOf(device)} {here && <Status state={{ word: t.account.here, tone: 'good' }} />}
              </td>
              <td className="mono small">
                <bdi dir="ltr">{address}</bdi>
              </td>
              <td title={t.account.until(dateTime(until))} style={{ whiteSpace: 'nowrap' }}>
                {dateTime(started)} <span className="dim">{t.account.hows[how]}</span>
              </td>
              <td className="n">{ago(used, now)}</td>
              <td className="n">
                {!here && (
                  <Button size="xs" variant="subtle" onClick={() => there(id)}>
                    {t.account.out}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < sessions.length && (
        <Button m="xs" variant="subtle" onClick={() => setAll(true)}>
          {t.account.showAll(sessions.length)}
        </Button>
      )}
    </section>
  )
}

function PasswordForm() {
  const change = useChangePassword()
  const form = useForm({
    initialValues: { current: '', password: '' },
    validate: {
      current: (current) => (current ? null : t.another.missing),
      password: (password) => (password.length >= 10 ? null : t.atLeast(10)),
    },
  })
  const send = form.onSubmit((values) =>
    change.mutate(values, {
      onSuccess: () => {
        form.reset()
        done(t.another.done)
      },
      onError: (error) => {
        const fields = fieldErrors(error)
        form.setErrors(fields)
        if (Object.keys(fields).length === 0) failed(error)
      },
    }),
  )
  const shown = { visibilityToggleButtonProps: { 'aria-label': t.showPassword } }
  return (
    <form className="card block" onSubmit={send} noValidate aria-label={t.another.title}>
      <h2>{t.another.title}</h2>
      <div className="fields">
        <PasswordInput className="w6" label={t.another.now} required autoComplete="current-password" {...shown} {...form.getInputProps('current')} />
        <PasswordInput className="w6" label={t.another.new} required autoComplete="new-password" {...shown} {...form.getInputProps('password')} />
      </div>
      <Button type="submit" loading={change.isPending} style={{ justifySelf: 'start' }}>
        {t.another.doIt}
      </Button>
    </form>
  )
}
