import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Problem, sendCode, useCode, words, type Me } from '../api'
import { Heading, Note } from '../page'
import { m } from '../words'
import { asPhone } from './questions'

interface NumberFormProps {
  title: string
  /** What the number is for. */
  how: string
  /** What having the code does. */
  go: string
  /** A number that a code was sent to already. */
  given?: string
  done(me: Me): void
  children?: ComponentChildren
}

/** A number, then the six digits that were sent to it: who has them has the number. */
export function NumberForm({ title, how, go, given = '', done, children }: NumberFormProps) {
  const [phone, setPhone] = useState(given)
  const [sent, setSent] = useState(given)
  const [again, setAgain] = useState(false)
  const [code, setCode] = useState('')
  const [busy, setBusy] = useState(false)
  const [wrong, setWrong] = useState('')
  const [error, setError] = useState('')
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (sent !== given) field.current?.focus()
  }, [sent])

  const attempt = async (work: () => Promise<void>) => {
    setBusy(true)
    setWrong('')
    setError('')
    try {
      await work()
    } catch (problem) {
      setError(whyNot(problem))
    }
    setBusy(false)
  }
  const send = (number: string) =>
    attempt(async () => {
      await sendCode(number)
      setSent(number)
      setAgain(number === sent)
      setCode('')
    })
  const submit = (event: Event) => {
    event.preventDefault()
    if (sent) {
      const digits = code.replace(/\D/g, '')
      if (digits.length === 6) void attempt(() => useCode(sent, digits).then(done))
      else setWrong(m.codeWrong)
      return
    }
    const number = asPhone(phone)
    if (number) void send(number)
    else setWrong(m.phoneWrong)
  }
  return (
    <form onSubmit={submit} noValidate>
      <Heading>{title}</Heading>
      <Note tone="neg">{error}</Note>
      {sent ? (
        <>
          <p role="status">{again ? m.codeSentAgain(sent) : m.codeSent(sent)}</p>
          <label class="field" key="code">
            {m.code}
            <input
              ref={field}
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
            {go}
          </button>
          <button type="button" disabled={busy} onClick={() => void send(sent)}>
            {m.codeAgain}
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
              {wrong || how}
            </span>
          </label>
          <button class="primary" disabled={busy}>
            {m.sendCode}
          </button>
        </>
      )}
      {children}
    </form>
  )
}

const whyNot = (problem: unknown) => (problem instanceof Problem && m.codeRefused[problem.status]) || words(problem)
