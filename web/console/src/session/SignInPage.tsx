import { Problem, useSession, useSignIn, words } from '@aisle/api'
import { Mark } from '@aisle/ui'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDocumentTitle } from '@mantine/hooks'
import { getRouteApi, Navigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { backTo } from './back'

const route = getRouteApi('/sign-in')

export default function SignInPage() {
  useDocumentTitle('Sign in · Aisle')
  const { to } = route.useSearch()
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
