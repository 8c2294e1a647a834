import { useEffect, useState } from 'preact/hooks'
import { words, type Offer, type Purpose, type Rank, type Signal } from '../api'
import { granted } from '../me'
import { useNow } from '../now'
import { Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { clock, t } from '../words'
import { useGlide } from './glide'
import { place, ranked, stateOf, timeLeft } from './offer'

export function OffersPage({ shopper }: { shopper: Shopper }) {
  const now = useNow(10_000)
  const { me, offers, listed, ranking } = shopper
  const open = offers.filter((offer) => stateOf(offer, now) === 'open')
  const past = offers.filter((offer) => stateOf(offer, now) !== 'open').slice(0, 10)
  const { chosen, others } = ranked(open, ranking)
  const list = useGlide([...chosen, ...others].map(({ decision }) => decision).join())
  const cards = (some: Offer[]) =>
    some.map((offer) => (
      <OfferCard key={offer.decision} offer={offer} rank={ranking.find(({ decision }) => decision === offer.decision)} now={now} shopper={shopper} />
    ))
  return (
    <section ref={list}>
      <header>
        <Heading>{t.title}</Heading>
        <LinkState shopper={shopper} />
      </header>
      {me?.visit ? (
        <p class="dim">{t.youAreIn([me.visit.zone_name, me.visit.shop_name].filter(Boolean).join(', '))}</p>
      ) : (
        <a class="button plain tight" href="#/here">
          {t.checkIn}
        </a>
      )}
      {shopper.link === 'offline' && shopper.at > 0 && <Note tone="warn">{t.stale(clock(new Date(shopper.at).toISOString(), now))}</Note>}
      {open.length > 0 && <Signals shopper={shopper} />}
      {!listed ? (
        <div class="skeleton" aria-busy="true" />
      ) : open.length === 0 ? (
        <NoOffers allowed={!!me && (granted(me, 'push') || granted(me, 'sms'))} />
      ) : (
        <ul class="list" aria-label={t.offers}>
          {cards(chosen)}
        </ul>
      )}
      {others.length > 0 && (
        <>
          <h2 id="others">{t.notChosen}</h2>
          <p class="dim small">{t.notChosenWhy}</p>
          <ul class="list" aria-labelledby="others">
            {cards(others)}
          </ul>
        </>
      )}
      {past.length > 0 && (
        <>
          <h2>{t.earlier}</h2>
          <ul class="list" aria-label={t.earlierOffers}>
            {past.map((offer) => (
              <li key={offer.decision} class="card">
                <a href={`#/offers/${encodeURIComponent(offer.decision)}`}>{offer.offer.title}</a>
                <p class="dim small">{offer.redeemed ? t.used(clock(offer.redeemed, now)) : t.ended(clock(offer.expires, now))}</p>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}

const switches = ['search', 'location', 'face'] as const

/** What may choose the offers: switched off, the shop ranks them anew before one's eyes. */
function Signals({ shopper }: { shopper: Shopper }) {
  const [error, setError] = useState('')
  const me = shopper.me!
  const change = (purpose: Purpose, name: string) => {
    const on = !granted(me, purpose)
    if (purpose === 'face' && on) {
      location.hash = '#/recognition' // a notice is to be read and signed first
      return
    }
    setError('')
    shopper.allow(purpose, on).catch((problem) => setError(t.asItWas(name, words(problem))))
  }
  return (
    <fieldset class="signals">
      <legend class="dim small">{t.chosenBy}</legend>
      <div>
        {switches.map((purpose) => (
          <button key={purpose} type="button" class="signal" role="switch" aria-checked={granted(me, purpose)} onClick={() => change(purpose, t.signals[purpose])}>
            {t.signals[purpose]}
          </button>
        ))}
      </div>
      <p role="status" class="faint small num">
        {shopper.rankedIn > 0 ? t.ranked(shopper.rankedIn) : '\u00a0'}
      </p>
      <Note tone="neg">{error}</Note>
    </fieldset>
  )
}

function OfferCard({ offer, rank, now, shopper }: { offer: Offer; rank: Rank | undefined; now: number; shopper: Shopper }) {
  useEffect(() => shopper.seen(offer), [offer.decision])
  const page = `#/offers/${encodeURIComponent(offer.decision)}`
  return (
    <li class={rank?.chosen === false ? 'card' : 'card new'} data-glide={offer.decision}>
      <p class="dim">{place(offer)}</p>
      <h2 dir="auto">{offer.offer.title}</h2>
      {offer.offer.body && <p dir="auto">{offer.offer.body}</p>}
      <p class="dim num">{t.valid(clock(offer.expires, now), timeLeft(offer.expires, now))}</p>
      {rank && rank.signals.length > 0 && (
        <ul class="because">
          {rank.signals.map((signal) => (
            <li key={signal.purpose + signal.says} class="small" data-on={signal.on}>
              {said(signal)} <span class="faint num">· {signal.on ? `${sourceOf(signal)} · ${clock(signal.at, now)}` : t.off}</span>
            </li>
          ))}
        </ul>
      )}
      <div class="actions">
        <a class="button primary" href={page} aria-label={t.useThis(offer.offer.title)}>
          {t.useOffer}
        </a>
        <a class="button plain" href={`${page}/why`} aria-label={t.whyThis(offer.offer.title)}>
          {t.why}
        </a>
      </div>
    </li>
  )
}

/** A signal in words. Others than these are none. */
function said({ says, what = '' }: Signal): string {
  if (says === 'recognised') return t.says.recognised
  return says in t.says ? t.says[says as 'searched'](what) : what
}

const sourceOf = ({ purpose }: Signal) => (purpose in t.sourceOf ? t.sourceOf[purpose as 'search'] : '')

function NoOffers({ allowed }: { allowed: boolean }) {
  return (
    <div class="empty">
      <h2>{t.none}</h2>
      {allowed ? (
        <p class="dim">{t.noneYet}</p>
      ) : (
        <>
          <p class="dim">{t.noneAllowed}</p>
          <a class="button" href="#/you">
            {t.chooseAllowed}
          </a>
        </>
      )}
    </div>
  )
}

function LinkState({ shopper: { link } }: { shopper: Shopper }) {
  return (
    <span class="pill" role="status" data-tone={link === 'live' ? 'pos' : link === 'offline' ? 'warn' : undefined}>
      {t[link]}
    </span>
  )
}
