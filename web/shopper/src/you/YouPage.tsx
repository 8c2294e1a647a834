import { useEffect, useState } from 'preact/hooks'
import { putConsent, words, type Me, type Purpose } from '../api'
import { consentWords } from '../consents'
import { withConsent } from '../me'
import { useNow } from '../now'
import { clock } from '../offers/offer'
import { Heading, later, Note } from '../page'
import type { Shopper } from '../shopper'
import { factsOf } from './facts'

const PushSwitch = later(() => import('../push').then((module) => module.PushSwitch))

/** What the shop may do, what it knows, and the way out. */
export function YouPage({ me, shopper }: { me: Me; shopper: Shopper }) {
  const now = useNow(30_000)
  const [error, setError] = useState('')
  useEffect(shopper.refresh, [])
  return (
    <section>
      <Heading>{me.name || 'You'}</Heading>
      <Note tone="neg">{error}</Note>
      <h2 id="allowed">What you allow</h2>
      <p class="dim">A change holds at once.</p>
      <ul class="list" aria-labelledby="allowed">
        {me.consents.map(({ purpose }) => (
          <Allowed key={purpose} purpose={purpose} me={me} shopper={shopper} failed={setError} />
        ))}
      </ul>
      <h2>What we know of you</h2>
      <dl class="facts card">
        {factsOf(me, shopper.offers, (time) => clock(time, now)).map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </>
        ))}
      </dl>
      <a class="button" href="/api/me/export" download="aisle-about-me.json">
        Download everything
      </a>
      <button type="button" onClick={() => shopper.signOut().catch((problem) => setError(words(problem)))}>
        Sign out on this phone
      </button>
    </section>
  )
}

interface AllowedProps {
  purpose: Purpose
  me: Me
  shopper: Shopper
  failed(message: string): void
}

function Allowed({ purpose, me, shopper, failed }: AllowedProps) {
  const consent = me.consents.find((c) => c.purpose === purpose)!
  const { name, meaning, without } = consentWords[purpose]

  // The switch moves at once, and back if the shop did not hear of it.
  const change = () => {
    const granted = !consent.granted
    if (purpose === 'face' && granted) {
      location.hash = '#/recognition' // a notice is to be read and signed first
      return
    }
    failed('')
    shopper.changed((mine) => withConsent(mine, { ...consent, granted }))
    putConsent(purpose, granted).then(
      (kept) => shopper.changed((mine) => withConsent(mine, kept)),
      (problem) => {
        shopper.changed((mine) => ({ ...withConsent(mine, consent), face: me.face }))
        failed(`“${name}” is as it was. ${words(problem)}`)
      },
    )
  }
  return (
    <li class="card">
      <button type="button" class="switch" role="switch" aria-checked={consent.granted} aria-describedby={`about-${purpose}`} onClick={change}>
        {name}
      </button>
      <p id={`about-${purpose}`} class="dim small">
        {meaning} {without}
      </p>
      {purpose === 'push' && <PushSwitch granted={consent.granted} />}
      {purpose === 'face' && consent.granted && <a href="#/recognition">{me.face.enrolled ? 'Your enrolment' : 'Enrol your face'}</a>}
    </li>
  )
}
