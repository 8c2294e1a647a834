import { useEffect, useState } from 'preact/hooks'
import { getWhy, words, type Offer, type Why } from '../api'
import { consentWords } from '../consents'
import { useNow } from '../now'
import { Heading, Note } from '../page'
import { path, qr, size } from '../qr'
import type { Shopper } from '../shopper'
import { clock, place, spelled, stateOf, timeLeft } from './offer'

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
        <Heading>{shopper.listed ? 'This offer is gone' : 'Offer'}</Heading>
        {shopper.listed ? <p class="dim">It may belong to another phone, or have ended long ago.</p> : <div class="skeleton" aria-busy="true" />}
        <a class="button" href="#/offers">
          All my offers
        </a>
      </section>
    )
  }
  const state = stateOf(offer, now)
  return (
    <section>
      <a class="button plain" href="#/offers">
        ‹ All my offers
      </a>
      <header>
        <div>
          <p class="dim">{place(offer)}</p>
          <Heading>{offer.offer.title}</Heading>
        </div>
      </header>
      {offer.offer.body && <p>{offer.offer.body}</p>}
      <div class={state === 'open' ? 'ticket' : 'ticket used'}>
        <Code code={offer.code} />
        <p class="code">{spelled(offer.code)}</p>
      </div>
      {state === 'used' ? (
        <Note tone="pos">Used {clock(offer.redeemed ?? offer.at, now)}. Enjoy!</Note>
      ) : state === 'expired' ? (
        <Note tone="warn">Ended {clock(offer.expires, now)}. The till does not take it any more.</Note>
      ) : (
        <p class="num">
          Show this at the till. Valid until {clock(offer.expires, now)}, <strong>{timeLeft(offer.expires, now)}</strong>.
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
    <svg viewBox={`${-quiet} ${-quiet} ${size + 2 * quiet} ${size + 2 * quiet}`} role="img" aria-label={`QR code ${spelled(code)}`}>
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
      <summary>Why this offer?</summary>
      <div aria-live="polite">
        {why ? (
          <ul class="reasons">
            {why.reasons.map((reason) => (
              <li key={reason.text}>
                {reason.text}
                {reason.purpose && <span class="dim"> You allowed: {consentWords[reason.purpose].name.toLowerCase()}.</span>}
              </li>
            ))}
          </ul>
        ) : error ? (
          <Note tone="neg">{error}</Note>
        ) : (
          <p class="dim">One moment…</p>
        )}
        <a href="#/you">Change what may be used</a>
      </div>
    </details>
  )
}
