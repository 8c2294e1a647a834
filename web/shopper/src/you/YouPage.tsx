import { useEffect, useState } from 'preact/hooks'
import { words, type Me, type Purpose } from '../api'
import { Languages } from '../Languages'
import { useNow } from '../now'
import { Heading, later, Note } from '../page'
import type { Shopper } from '../shopper'
import { clock, m, t, type Language } from '../words'
import { factsOf } from './facts'
import { WishesForm } from './WishesForm'

const PushSwitch = later(() => import('../push').then((module) => module.PushSwitch))

interface YouProps {
  me: Me
  shopper: Shopper
  say(language: Language): void
}

/** What the shop may do, what it knows, and the way out. */
export function YouPage({ me, shopper, say }: YouProps) {
  const now = useNow(30_000)
  const [error, setError] = useState('')
  useEffect(shopper.refresh, [])
  return (
    <section>
      <Heading>{me.name || m.youTitle}</Heading>
      <h2 id="allowed">{m.whatAllowed}</h2>
      <p class="dim">{m.atOnce}</p>
      <ul class="list" aria-labelledby="allowed">
        {me.consents.map(({ purpose }) => (
          <Allowed key={purpose} purpose={purpose} me={me} shopper={shopper} />
        ))}
      </ul>
      <WishesForm me={me} shopper={shopper} />
      <Languages say={say} />
      <h2>{m.known}</h2>
      <dl class="facts card">
        {factsOf(me, shopper.offers, (time) => clock(time, now)).map(([name, value]) => (
          <>
            <dt>{name}</dt>
            <dd>
              <bdi>{value}</bdi>
            </dd>
          </>
        ))}
      </dl>
      <a class="button" href="/api/me/export" download="aisle-about-me.json">
        {m.download}
      </a>
      <Note tone="neg">{error}</Note>
      <button type="button" onClick={() => shopper.signOut().catch((problem) => setError(words(problem)))}>
        {m.signOut}
      </button>
      <a class="button danger" href="#/delete">
        {m.deleteMe}
      </a>
    </section>
  )
}

interface AllowedProps {
  purpose: Purpose
  me: Me
  shopper: Shopper
}

function Allowed({ purpose, me, shopper }: AllowedProps) {
  const [error, setError] = useState('')
  const { granted } = me.consents.find((c) => c.purpose === purpose)!
  const { name, meaning, without } = m.consents[purpose]
  const change = () => {
    if (purpose === 'face' && !granted) {
      location.hash = '#/recognition' // a notice is to be read and signed first
      return
    }
    setError('')
    shopper.allow(purpose, !granted).catch((problem) => setError(t.asItWas(name, words(problem))))
  }
  return (
    <li class="card">
      <button type="button" class="switch" role="switch" aria-checked={granted} aria-describedby={`about-${purpose}`} onClick={change}>
        {name}
      </button>
      <p id={`about-${purpose}`} class="dim small">
        {meaning} {without}
      </p>
      <Note tone="neg">{error}</Note>
      {purpose === 'sms' && granted && (
        <p class="small">
          {!me.phone && m.notConfirmed} <a href="#/phone">{me.phone ? m.changeNumber : m.confirmNumber}</a>
        </p>
      )}
      {purpose === 'push' && <PushSwitch granted={granted} />}
      {purpose === 'face' && granted && <a href="#/recognition">{me.face.enrolled ? m.enrolment : m.enrolFace}</a>}
    </li>
  )
}
