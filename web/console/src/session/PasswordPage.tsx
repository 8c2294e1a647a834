import { Problem, useRedeemTicket, words } from '@aisle/api'
import { Mark } from '@aisle/ui'
import { Button, PasswordInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDocumentTitle } from '@mantine/hooks'
import { useState } from 'react'
import { fieldErrors } from '../errors'

/** Where the link of an invitation leads: one chooses a password, and is in. */
export default function PasswordPage() {
  useDocumentTitle('Choose a password · Aisle')
  const [ticket] = useState(() => new URLSearchParams(location.hash.slice(1)).get('t') ?? '')
  const redeem = useRedeemTicket()
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (password) => (password.length >= 10 ? null : 'At least 10 characters') },
  })
  const send = form.onSubmit(({ password }) =>
    redeem.mutate({ ticket, password }, { onSuccess: () => location.replace('/console/'), onError: (error) => form.setErrors(fieldErrors(error)) }),
  )
  const wrong = redeem.error instanceof Problem && Object.keys(fieldErrors(redeem.error)).length > 0
  return (
    <main className="alone">
      <div className="card sign-in">
        <Mark size={40} />
        <h1>Choose a password</h1>
        {ticket ? (
          <form className="stack" onSubmit={send} noValidate>
            <PasswordInput
              size="sm"
              label="Password"
              description="At least 10 characters"
              autoComplete="new-password"
              autoFocus
              required
              visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }}
              {...form.getInputProps('password')}
            />
            {redeem.error && !wrong && (
              <p className="error" role="alert">
                {words(redeem.error)}
              </p>
            )}
            <Button size="sm" type="submit" loading={redeem.isPending}>
              Keep it, and sign in
            </Button>
          </form>
        ) : (
          <p className="dim">This link is not whole. Copy all of it, or ask your administrator for a new one.</p>
        )}
      </div>
    </main>
  )
}
