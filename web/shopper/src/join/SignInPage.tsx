import { useState } from 'preact/hooks'
import { Problem, sendCode, useCode, words } from '../api'
import { Back, Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { m } from '../words'
import { asPhone } from './questions'

/** To sign in on another phone, by a code that is sent to the number that one joined with. */
export function SignInPage({ shopper }: { shopper: Shopper }) {
  const [phone, setPhone] = useState('')
  const [sent, setSent] = useState('')
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState('')
  const [error, setError] = useState('')

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true)
    setWrong('')
    setError('')
    try {
      await work()
    } catch (problem) {
      setError(sent && problem instanceof Problem && problem.status === 403 ? m.codeOver : words(problem))
    }
    setBusy(false)
  }
  const submit = (event: Event) => {
    event.preventDefault()
    if (sent) {
      const digits = code.replace(/\D/g, '')
      if (digits.length !== 6) setWrong(m.codeWrong)
      else
        void attempt(async () => {
          shopper.joined(await useCode(sent, digits))
          location.hash = '#/offers'
        })
      return
    }
    const number = asPhone(phone)
    if (!number) setWrong(m.phoneWrong)
    else void attempt(() => sendCode(number).then(() => setSent(number)))
  }
  return (
    <form onSubmit={submit} noValidate>
      <Back to="#/" />
      <Heading>{m.signInTitle}</Heading>
      <Note tone="neg">{error}</Note>
      {sent ? (
        <>
          <p role="status">{m.codeSent(sent)}</p>
          <label class="field" key="code">
            {m.code}
            <input
              type="text"
              dir="ltr"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={7}
              value={code}
              onInput={(event) => setCode(event.currentTarget.value)}
              aria-invalid={wrong !== ''}
              aria-describedby="code-help"
            />
            <span id="code-help" class="small dim">
              {wrong}
            </span>
          </label>
          <button class="primary" disabled={busy}>
            {m.open}
          </button>
          <button type="button" class="plain" onClick={() => setSent('')}>
            {m.otherNumber}
          </button>
        </>
      ) : (
        <>
          <label class="field" key="number">
            {m.number}
            <input
              type="tel"
              dir="ltr"
              autoComplete="tel"
              placeholder="+31 6 12345678"
              value={phone}
              onInput={(event) => setPhone(event.currentTarget.value)}
              aria-invalid={wrong !== ''}
              aria-describedby="number-help"
            />
            <span id="number-help" class="small dim">
              {wrong || m.signInHow}
            </span>
          </label>
          <button class="primary" disabled={busy}>
            {m.sendCode}
          </button>
          <p class="dim small">{m.signInLink}</p>
        </>
      )}
    </form>
  )
}
