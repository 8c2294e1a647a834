import { useEffect, useState } from 'preact/hooks'
import { getWhy, words, type Offer, type Why } from '../api'
import { useNow } from '../now'
import { Back, Heading, Note } from '../page'
import { path, qr, size } from '../qr'
import type { Shopper } from '../shopper'
import { clock, listed, m, t } from '../words'
import { place, spelled, stateOf, timeLeft } from './offer'

/** One offer: the code that the till reads, and why it was made. */
export function OfferPage({ decision, why, shopper }: { decision: string; why: boolean; shopper: Shopper }) {
  const now = useNow(1000)
  const offer = shopper.offers.find((o) => o.decision === decision)
  useEffect(() => {
    if (offer) shopper.seen(offer)
  }, [offer?.decision])

  if (!offer) {
    return (
      <section>
        <Heading>{shopper.listed ? m.gone : m.offer}</Heading>
        {shopper.listed ? <p class="dim">{m.goneWhy}</p> : <div class="skeleton" aria-busy="true" />}
        <a class="button" href="#/offers">
          {m.allOffers}
        </a>
      </section>
    )
  }
  const state = stateOf(offer, now)
  return (
    <section>
      <Back to="#/offers">{m.allOffers}</Back>
      <header>
        <div>
          <p class="dim">{place(offer)}</p>
          <Heading><bdi>{offer.offer.title}</bdi></Heading>
        </div>
      </header>
      {offer.offer.body && <p><bdi>{offer.offer.body}</bdi></p>}
      <div class={state === 'open' ? 'ticket' : 'ticket used'}>
        <Code code={offer.code} />
        <p class="code" dir="ltr">{spelled(offer.code)}</p>
      </div>
      {state === 'used' ? (
        <Note tone="pos">{m.usedEnjoy(clock(offer.redeemed ?? offer.at, now))}</Note>
      ) : state === 'expired' ? (
        <Note tone="warn">{m.endedNoMore(clock(offer.expires, now))}</Note>
      ) : (
        <p class="num">
          {m.showAtTill(clock(offer.expires, now))}, <strong>{timeLeft(offer.expires, now)}</strong>.
        </p>
      )}
      <Reasons offer={offer} open={why} />
    </section>
  )
}

function Code({ code }: { code: string }) {
  const modules = qr(code)
  if (!modules) return null // it is spelled below
  const quiet = 2 // modules of white, beside the ticket's own margin
  return (
    <svg viewBox={`${-quiet} ${-quiet} ${size + 2 * quiet} ${size + 2 * quiet}`} role="img" aria-label={m.qrCode(spelled(code))}>
      <path d={path(modules)} />
    </svg>
  )
}

/** Why this shopper got this offer, asked for when it is opened. */
function Reasons({ offer, open }: { offer: Offer; open: boolean }) {
  const [why, setWhy] = useState<Why>()
  const [error, setError] = useState('')
  const ask = (event: { currentTarget: HTMLDetailsElement }) => {
    if (!event.currentTarget.open || why) return
    setError('')
    getWhy(offer.decision).then(setWhy, (problem) => setError(words(problem)))
  }
  return (
    <details class="why" open={open} onToggle={ask}>
      <summary>{t.why}</summary>
      <div aria-live="polite">
        {why ? (
          <ul class="reasons">
            {why.reasons.map((reason) => (
              <li key={reason.text}>
                {said(reason)}
                {reason.purpose && <span class="dim"> {m.allowed(m.consents[reason.purpose].name)}</span>}
              </li>
            ))}
          </ul>
        ) : error ? (
          <Note tone="neg">{error}</Note>
        ) : (
          <p class="dim">{m.moment}</p>
        )}
        <a href="#/you">{m.changeAllowed}</a>
      </div>
    </details>
  )
}

/** A reason in the app's language. */
function said({ text, says, what = '', number = 0, channels = [] }: Why['reasons'][number]): string {
  const { reasons } = m
  switch (says) {
    case 'recognised':
      return reasons.recognised
    case 'near':
      return reasons.near(what, number)
    case 'others':
      return reasons.others(number)
    case 'agreed':
      return reasons.agreed(listed(channels.map((channel) => m.by[channel] ?? channel)))
    default:
      return says in reasons ? reasons[says](what) : text // of a newer shop
  }
}
