import { useChangePassword, useEndSession, useSession, useSessions, type MySession } from '@aisle/api'
import { ago, dateTime, Status, useNow } from '@aisle/ui'
import { Button, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { deviceOf } from './device'

/** One's own settings: the password, and where one is signed in. */
export default function AccountPage() {
  const session = useSession()
  const sessions = useSessions()
  return (
    <Page title="My account" note={session.data?.person?.email} narrow>
      <Loaded of={sessions} height={160}>
        {(sessions) => <Sessions sessions={sessions} />}
      </Loaded>
      <PasswordForm />
    </Page>
  )
}

const hows: Record<MySession['how'], string> = { password: 'by password', link: 'by a link', oidc: 'by the identity provider' }

function Sessions({ sessions }: { sessions: MySession[] }) {
  const now = useNow(30_000)
  const end = useEndSession()
  const there = (id: string | undefined) => end.mutate(id, { onSuccess: () => done(id ? 'Signed out there.' : 'Signed out everywhere else.'), onError: failed })
  return (
    <section className="card" aria-label="Where I am signed in">
      <div className="card-head">
        <h2>Where I am signed in</h2>
        {sessions.length > 1 && (
          <Button size="xs" onClick={() => there(undefined)}>
            Sign out everywhere else
          </Button>
        )}
      </div>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Browser</th>
            <th scope="col">Address</th>
            <th scope="col">Since</th>
            <th scope="col" className="n">
              Used
            </th>
            <th scope="col" className="n">
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {sessions.map(({ id, device, address, started, used, until, how, here }) => (
            <tr key={id}>
              <td className="strong" title={device}>
                {deviceOf(device)} {here && <Status state={{ word: 'This one', tone: 'good' }} />}
              </td>
              <td className="mono small">{address}</td>
              <td title={`until ${dateTime(until)} at the latest`}>
                {dateTime(started)} <span className="dim">{hows[how]}</span>
              </td>
              <td className="n">{ago(used, now)}</td>
              <td className="n">
                {!here && (
                  <Button size="xs" variant="subtle" onClick={() => there(id)}>
                    Sign out
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function PasswordForm() {
  const change = useChangePassword()
  const form = useForm({
    initialValues: { current: '', password: '' },
    validate: {
      current: (current) => (current ? null : 'Your password of now'),
      password: (password) => (password.length >= 10 ? null : 'At least 10 characters'),
    },
  })
  const send = form.onSubmit((values) =>
    change.mutate(values, {
      onSuccess: () => {
        form.reset()
        done('Your password is changed, and you are signed out everywhere else.')
      },
      onError: (error) => {
        const fields = fieldErrors(error)
        form.setErrors(fields)
        if (Object.keys(fields).length === 0) failed(error)
      },
    }),
  )
  const shown = { visibilityToggleButtonProps: { 'aria-label': 'Show the password' } }
  return (
    <form className="card block" onSubmit={send} noValidate aria-label="Another password">
      <h2>Another password</h2>
      <div className="fields">
        <PasswordInput className="w6" label="The password of now" required autoComplete="current-password" {...shown} {...form.getInputProps('current')} />
        <PasswordInput className="w6" label="The new one" required autoComplete="new-password" {...shown} {...form.getInputProps('password')} />
      </div>
      <Button type="submit" loading={change.isPending} style={{ justifySelf: 'start' }}>
        Change it
      </Button>
    </form>
  )
}
