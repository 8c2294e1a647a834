import { Problem, useSession, useSignIn } from '@aisle/api'
import { Mark, said } from '@aisle/ui'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDocumentTitle } from '@mantine/hooks'
import { getRouteApi, Navigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { Languages } from '../Languages'
import { backTo } from './back'
import { t } from './words'

const route = getRouteApi('/sign-in')
const { refusals } = t.signIn

export default function SignInPage() {
  useDocumentTitle(`${t.signIn.page} · Aisle`)
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
        <h1>{t.signIn.title}</h1>
        {refused && !signedIn && (
          <p className="error" role="alert">
            {refused in refusals ? refusals[refused as keyof typeof refusals] : refusals.failed}
          </p>
        )}
        {session && !signedIn && session.provider && (
          <Button component="a" size="sm" variant="filled" href={`/api/session/oidc?${new URLSearchParams({ to: backTo(to) })}`}>
            {t.signIn.with(session.provider)}
          </Button>
        )}
        {session && !signedIn && <SignInForm hint={session.hint} demo={session.demo} />}
        <Languages />
      </div>
    </main>
  )
}

function SignInForm({ hint, demo }: { hint: { email: string; password: string } | undefined; demo: boolean }) {
  const signIn = useSignIn()
  const form = useForm({
    initialValues: { email: hint?.email ?? '', password: hint?.password ?? '' },
    validate: {
      email: (email) => (email.includes('@') ? null : t.signIn.yourEmail),
      password: (password) => (password ? null : t.signIn.yourPassword),
    },
  })
  const refused = signIn.error instanceof Problem && [401, 403].includes(signIn.error.status)
  return (
    <form className="stack" onSubmit={form.onSubmit((values) => signIn.mutate(values))} noValidate>
      {demo && hint && <p className="note">{t.signIn.demo}</p>}
      <TextInput size="sm" label={t.signIn.email} type="email" autoComplete="username" autoFocus required {...form.getInputProps('email')} />
      <PasswordInput
        size="sm"
        label={t.signIn.password}
        autoComplete="current-password"
        required
        visibilityToggleButtonProps={{ 'aria-label': t.showPassword }}
        {...form.getInputProps('password')}
        error={form.errors.password ?? (refused ? t.signIn.wrong : undefined)}
      />
      {signIn.error && !refused && (
        <p className="error" role="alert">
          {said(signIn.error)}
        </p>
      )}
      <Button size="sm" type="submit" loading={signIn.isPending}>
        {t.signIn.doIt}
      </Button>
    </form>
  )
}
