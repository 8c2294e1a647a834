import { useEffect, useState } from 'preact/hooks'
import { checkIn, demoCode, Problem, words, type CheckedIn, type Me } from '../api'
import { Back, Heading, Note } from '../page'
import { m, t } from '../words'

/** To say that one is in the shop, by the code that hangs there, and where: without any sensor. */
export function HerePage({ code: read, me }: { code: string; me: Me }) {
  const [code, setCode] = useState(read)
  const [demo, setDemo] = useState('')
  const [here, setHere] = useState<CheckedIn>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')

  const tell = async (said: string, zone?: string) => {
    setBusy(true)
    setError('')
    try {
      setHere(await checkIn(said.trim(), zone))
      setCode(said)
    } catch (problem) {
      setError(problem instanceof Problem && problem.status === 403 ? m.checkInOver : words(problem))
    }
    setBusy(false)
  }
  useEffect(() => {
    if (read) void tell(read)
    else void demoCode().then(setDemo)
  }, [])

  const submit = (event: Event) => {
    event.preventDefault()
    if (code.trim()) void tell(code)
  }
  return (
    <section>
      <Back to="#/offers" />
      <Heading>{m.checkInTitle}</Heading>
      <Note tone="neg">{error}</Note>
      {here ? (
        <>
          <Note tone="pos">{m.checkedIn(here.shop_name)}</Note>
          <h2 id="zones">{m.whereNow}</h2>
          <p class="dim">{m.whereWhy}</p>
          <ul class="list" aria-labelledby="zones">
            {here.zones.map(({ id, name }) => (
              <li key={id}>
                <button type="button" class="choice" aria-pressed={here.zone === id} disabled={busy} onClick={() => void tell(code, id)}>
                  {name}
                  {here.zone === id && <span class="small"> {m.here}</span>}
                </button>
              </li>
            ))}
          </ul>
          <a class="button primary" href="#/offers">
            {m.showOffers}
          </a>
        </>
      ) : (
        <form onSubmit={submit}>
          <p>{m.checkInHow}</p>
          <label class="field">
            {m.checkInCode}
            <input type="text" dir="ltr" autoComplete="off" autoCapitalize="off" spellcheck={false} value={code} onInput={(event) => setCode(event.currentTarget.value)} />
          </label>
          <button class="primary" disabled={busy}>
            {m.checkInGo}
          </button>
          {demo && (
            <button type="button" disabled={busy} onClick={() => void tell(demo)}>
              {m.checkInDemo}
            </button>
          )}
          {me.visit && <p class="dim">{t.youAreIn([me.visit.zone_name, me.visit.shop_name].filter(Boolean).join(', '))}</p>}
        </form>
      )}
    </section>
  )
}
