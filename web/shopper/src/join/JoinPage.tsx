import { useEffect, useRef, useState } from 'preact/hooks'
import { join, words, Problem, type Joined, type Me, type Purpose } from '../api'
import { Back, Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { language, m, t } from '../words'
import { NumberForm } from './NumberForm'
import { asPhone, questions } from './questions'

/** Name and phone, then one question at a time, then the code that proves the number, then done. The step is the address's: the phone's own way back leads to the question before. */
export function JoinPage({ step: asked, shopper }: { step: number; shopper: Shopper }) {
  const [name, setName] = useState('')
  const [phone, setPhone] = useState('')
  const [granted, setGranted] = useState<Purpose[]>([])
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const [joined, setJoined] = useState<Joined>()
  const [confirming, setConfirming] = useState('')
  // Whoever leaves for another page by the phone's own way has joined all the same.
  const me = useRef<Me | undefined>(undefined)
  me.current = joined?.me
  useEffect(() => () => void (me.current && shopper.joined(me.current)), [])
  const purposes = questions(phone)
  const step = name.trim() ? Math.min(asked, purposes.length) : 0 // opened anew, it begins anew

  const finish = async (consents: Purpose[]) => {
    setBusy(true)
    setError('')
    try {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions()
      const number = asPhone(phone)
      const answer = await join({
        name: name.trim(),
        ...(number && { phone: number }),
        time_zone: timeZone,
        locale: navigator.languages.find((tag) => tag.startsWith(language)) ?? language,
        consents: consents.filter((purpose) => purposes.includes(purpose)), // a number may have been taken back since
      })
      setJoined(answer)
      if (answer.code_until) setConfirming(number!)
    } catch (problem) {
      if (problem instanceof Problem && problem.particulars.errors) goTo(0)
      setError(words(problem))
      setBusy(false)
    }
  }
  const answer = (purpose: Purpose, yes: boolean) => {
    const answers = granted.filter((p) => p !== purpose).concat(yes ? [purpose] : [])
    setGranted(answers)
    if (step < purposes.length) goTo(step + 1)
    else void finish(answers)
  }

  if (joined && confirming) {
    const confirmed = (me: Me) => {
      setJoined({ ...joined, me })
      setConfirming('')
    }
    return (
      <NumberForm title={m.confirmNumber} how={m.confirmHow} go={m.confirm} given={confirming} done={confirmed}>
        <button type="button" class="plain" onClick={() => setConfirming('')}>
          {m.confirmLater}
        </button>
      </NumberForm>
    )
  }
  if (joined) {
    const enter = () => {
      location.hash = granted.includes('face') ? '#/recognition' : '#/offers'
      shopper.joined(joined.me)
    }
    return <PersonalLink token={joined.token} enter={enter} />
  }
  return (
    <section>
      {step === 0 ? (
        <Back to="#/" />
      ) : (
        <button type="button" class="plain back" onClick={() => history.back()}>
          {t.back}
        </button>
      )}
      <Note tone="neg">{error}</Note>
      {step === 0 ? (
        <Who name={name} phone={phone} setName={setName} setPhone={setPhone} next={() => goTo(1)} />
      ) : (
        <Question key={step} purpose={purposes[step - 1]!} step={step} steps={purposes.length} busy={busy} answer={answer} />
      )}
    </section>
  )
}

const goTo = (step: number) => {
  location.hash = step ? `#/join/${step}` : '#/join'
}

/** The way back in, on this phone or another. */
function PersonalLink({ token, enter }: { token: string; enter(): void }) {
  const [copied, setCopied] = useState(false)
  const link = `${location.origin}/shopper/#t=${token}`
  const keep = () => {
    const kept = navigator.share ? navigator.share({ title: m.myOffers, url: link }) : navigator.clipboard.writeText(link)
    kept.then(() => setCopied(true)).catch(() => {}) // changed their mind
  }
  const canKeep = 'share' in navigator || 'clipboard' in navigator // not on a page that was not opened by https
  return (
    <section>
      <Heading>{m.joined}</Heading>
      <p>{m.linkIs}</p>
      <p class="card small" dir="ltr">
        <a href={link}>{link}</a>
      </p>
      <p class="dim">{m.linkSecret}</p>
      {canKeep && (
        <button type="button" onClick={keep}>
          {copied ? m.kept : m.keepLink}
        </button>
      )}
      <button type="button" class="primary" onClick={enter}>
        {m.showOffers}
      </button>
    </section>
  )
}

interface WhoProps {
  name: string
  phone: string
  setName(name: string): void
  setPhone(phone: string): void
  next(): void
}

function Who({ name, phone, setName, setPhone, next }: WhoProps) {
  const [tried, setTried] = useState(false)
  const noName = tried && !name.trim()
  const badPhone = tried && phone.trim() !== '' && !asPhone(phone)
  const submit = (event: Event) => {
    event.preventDefault()
    setTried(true)
    if (name.trim() && (phone.trim() === '' || asPhone(phone))) next()
  }
  return (
    <form onSubmit={submit} noValidate>
      <Heading>{m.joinTitle}</Heading>
      <label class="field">
        {m.name}
        <input
          type="text"
          name="name"
          autocomplete="given-name"
          maxLength={120}
          value={name}
          onInput={(event) => setName(event.currentTarget.value)}
          aria-invalid={noName}
          aria-describedby="name-help"
        />
        <span id="name-help" class="small dim">
          {noName ? m.nameMissing : m.nameHelp}
        </span>
      </label>
      <label class="field">
        {m.phone}
        <input
          type="tel"
          dir="ltr"
          name="phone"
          autocomplete="tel"
          placeholder="+31 6 12345678"
          value={phone}
          onInput={(event) => setPhone(event.currentTarget.value)}
          aria-invalid={badPhone}
          aria-describedby="phone-help"
        />
        <span id="phone-help" class="small dim">
          {badPhone ? m.phoneWrong : m.phoneHelp}
        </span>
      </label>
      <button class="primary">{m.next}</button>
    </form>
  )
}

interface QuestionProps {
  purpose: Purpose
  step: number
  steps: number
  busy: boolean
  answer(purpose: Purpose, yes: boolean): void
}

function Question({ purpose, step, steps, busy, answer }: QuestionProps) {
  const { question, meaning, without } = m.consents[purpose]
  return (
    <>
      <p class="dim num">
        {m.question(step, steps)}
      </p>
      <Heading>{question}</Heading>
      <p>{meaning}</p>
      <p class="dim">
        {without} {m.change}
      </p>
      <div class="pair">
        <button type="button" disabled={busy} onClick={() => answer(purpose, false)}>
          {m.no}
        </button>
        <button type="button" disabled={busy} onClick={() => answer(purpose, true)}>
          {m.yes}
        </button>
      </div>
    </>
  )
}
