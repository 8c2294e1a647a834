import { Problem, useRedeemTicket } from '@aisle/api'
import { Mark, said } from '@aisle/ui'
import { Button, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDocumentTitle } from '@mantine/hooks'
import { useState } from 'react'
import { fieldErrors } from '../errors'
import { Languages } from '../Languages'
import { t } from './words'

/** Where the link of an invitation leads: one chooses a password, and is in. */
export default function PasswordPage() {
  useDocumentTitle(`${t.choose.title} · Aisle`)
  const [ticket] = useState(() => new URLSearchParams(location.hash.slice(1)).get('t') ?? '')
  const redeem = useRedeemTicket()
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (password) => (password.length >= 10 ? null : t.atLeast(10)) },
  })
  const send = form.onSubmit(({ password }) =>
    redeem.mutate({ ticket, password }, { onSuccess: () => location.replace('/console/'), onError: (error) => form.setErrors(fieldErrors(error)) }),
  )
  const wrong = redeem.error instanceof Problem && Object.keys(fieldErrors(redeem.error)).length > 0
  return (
    <main className="alone">
      <div className="card sign-in">
        <Mark size={40} />
        <h1>{t.choose.title}</h1>
        {ticket ? (
          <form className="stack" onSubmit={send} noValidate>
            <PasswordInput
              size="sm"
              label={t.choose.password}
              description={t.atLeast(10)}
              autoComplete="new-password"
              autoFocus
              required
              visibilityToggleButtonProps={{ 'aria-label': t.showPassword }}
              {...form.getInputProps('password')}
            />
            {redeem.error && !wrong && (
              <p className="error" role="alert">
                {said(redeem.error)}
              </p>
            )}
            <Button size="sm" type="submit" loading={redeem.isPending}>
              {t.choose.doIt}
            </Button>
          </form>
        ) : (
          <p className="dim">{t.choose.notWhole}</p>
        )}
        <Languages />
      </div>
    </main>
  )
}
