import { useEffect } from 'preact/hooks'
import type { Offer } from '../api'
import { granted } from '../me'
import { useNow } from '../now'
import { Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { clock, place, stateOf, timeLeft } from './offer'

export function OffersPage({ shopper }: { shopper: Shopper }) {
  const now = useNow(10_000)
  const { me, offers, listed } = shopper
  const open = offers.filter((offer) => stateOf(offer, now) === 'open')
  const past = offers.filter((offer) => stateOf(offer, now) !== 'open').slice(0, 10)
  return (
    <section>
      <header>
        <Heading>Offers near you</Heading>
        <LinkState shopper={shopper} />
      </header>
      {me?.visit && (
        <p class="dim">
          You are in {[me.visit.zone_name, me.visit.shop_name].filter(Boolean).join(', ')}.
        </p>
      )}
      {shopper.link === 'offline' && shopper.at > 0 && (
        <Note tone="warn">
          The shop cannot be reached. This is from {clock(new Date(shopper.at).toISOString(), now)}; codes still work at the till.
        </Note>
      )}
      {!listed ? (
        <div class="skeleton" aria-busy="true" />
      ) : open.length > 0 ? (
        <ul class="list" aria-label="Offers">
          {open.map((offer) => (
            <OfferCard key={offer.decision} offer={offer} now={now} shopper={shopper} />
          ))}
        </ul>
      ) : (
        <NoOffers allowed={!!me && (granted(me, 'push') || granted(me, 'sms'))} />
      )}
      {past.length > 0 && (
        <>
          <h2>Earlier</h2>
          <ul class="list" aria-label="Earlier offers">
            {past.map((offer) => (
              <li key={offer.decision} class="card">
                <a href={`#/offers/${encodeURIComponent(offer.decision)}`}>{offer.offer.title}</a>
                <p class="dim small">
                  {offer.redeemed ? `Used ${clock(offer.redeemed, now)}` : `Ended ${clock(offer.expires, now)}`}
                </p>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

function OfferCard({ offer, now, shopper }: { offer: Offer; now: number; shopper: Shopper }) {
  useEffect(() => shopper.seen(offer), [offer.decision])
  const page = `#/offers/${encodeURIComponent(offer.decision)}`
  return (
    <li class="card new">
      <p class="dim">{place(offer)}</p>
      <h2>{offer.offer.title}</h2>
      {offer.offer.body && <p>{offer.offer.body}</p>}
      <p class="dim num">
        Valid until {clock(offer.expires, now)}, {timeLeft(offer.expires, now)}
      </p>
      <div class="actions">
        <a class="button primary" href={page} aria-label={`Use offer: ${offer.offer.title}`}>
          Use offer
        </a>
        <a class="button plain" href={`${page}/why`} aria-label={`Why this offer: ${offer.offer.title}`}>
          Why this offer?
        </a>
      </div>
    </li>
  )
}

function NoOffers({ allowed }: { allowed: boolean }) {
  return (
    <div class="empty">
      <h2>No offers yet</h2>
      {allowed ? (
        <p class="dim">Walk around. When something near you fits, it shows up here by itself.</p>
      ) : (
        <>
          <p class="dim">You have not allowed us to send you any.</p>
          <a class="button" href="#/you">
            Choose what is allowed
          </a>
        </>
      )}
    </div>
  )
}

const linkWords = { connecting: 'connecting', live: 'live', offline: 'offline' } as const

function LinkState({ shopper }: { shopper: Shopper }) {
  return (
    <span class="pill" role="status" data-tone={shopper.link === 'live' ? 'pos' : shopper.link === 'offline' ? 'warn' : undefined}>
      {linkWords[shopper.link]}
    </span>
  )
}
