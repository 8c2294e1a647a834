import { Problem, useSession, useSignIn, words } from '@aisle/api'
import { Mark } from '@aisle/ui'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDocumentTitle } from '@mantine/hooks'
import { getRouteApi, Navigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { backTo } from './back'

const route = getRouteApi('/sign-in')

/** Why the identity provider's answer let nobody in. */
const refusals: Record<string, string> = {
  denied: 'You are not let in here: none of your groups has a role. Ask an administrator.',
  taken: 'Your e-mail address is somebody else’s here, and your provider does not vouch for it. Ask an administrator.',
  unavailable: 'Your identity provider does not answer now. Try again in a moment.',
  failed: 'That did not work. Try again; if it does not help, ask an administrator.',
}

export default function SignInPage() {
  useDocumentTitle('Sign in · Aisle')
  const { to, refused } = route.useSearch()
  const { data: session } = useSession()
  const signedIn = session?.person !== undefined
  useEffect(() => {
    if (signedIn) location.replace(backTo(to))
  }, [signedIn, to])
  if (session?.setup_needed) return <Navigate to="/set-up" replace />
  return (
    <main className="alone">
      <div className="card sign-in">
        <Mark size={40} />
        <h1>Sign in to Aisle</h1>
        {refused && !signedIn && (
          <p className="error" role="alert">
            {refusals[refused] ?? refusals.failed}
          </p>
        )}
        {session && !signedIn && session.provider && (
          <Button component="a" size="sm" variant="filled" href={`/api/session/oidc?${new URLSearchParams({ to: backTo(to) })}`}>
            Sign in with {session.provider}
          </Button>
        )}
        {session && !signedIn && <SignInForm hint={session.hint} demo={session.demo} />}
      </div>
    </main>
  )
}

function SignInForm({ hint, demo }: { hint: { email: string; password: string } | undefined; demo: boolean }) {
  const signIn = useSignIn()
  const form = useForm({
    initialValues: { email: hint?.email ?? '', password: hint?.password ?? '' },
    validate: {
      email: (email) => (email.includes('@') ? null : 'Your e-mail address'),
      password: (password) => (password ? null : 'Your password'),
    },
  })
  const refused = signIn.error instanceof Problem && [401, 403].includes(signIn.error.status)
  return (
    <form className="stack" onSubmit={form.onSubmit((values) => signIn.mutate(values))} noValidate>
      {demo && hint && <p className="note">This is the demonstration shop: its account is filled in already.</p>}
      <TextInput size="sm" label="E-mail" type="email" autoComplete="username" autoFocus required {...form.getInputProps('email')} />
      <PasswordInput
        size="sm"
        label="Password"
        autoComplete="current-password"
        required
        visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
        {...form.getInputProps('password')}
        error={form.errors.password ?? (refused ? 'The e-mail address or the password is not right.' : undefined)}
      />
      {signIn.error && !refused && (
        <p className="error" role="alert">
          {words(signIn.error)}
        </p>
      )}
      <Button size="sm" type="submit" loading={signIn.isPending}>
        Sign in
      </Button>
    </form>
  )
}
