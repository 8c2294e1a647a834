import { useEffect, useRef, useState } from 'preact/hooks'
import * as api from './api'
import { forget, keep, recall } from './kept'
import { withConsent } from './me'
import { follow, type Link } from './offers/live'
import { withOffer, withRedeemed } from './offers/offer'
import { takeToken } from './route'

/** Whose phone this is, and what they have been offered. */
export interface Shopper {
  state: 'opening' | 'open'
  me?: api.Me
  offers: api.Offer[]
  /** The list has come from the shop, or is kept from when it did. */
  listed: boolean
  link: Link
  /** When what is shown was last told by the shop, milliseconds since 1970. */
  at: number
  /** What went wrong at the start. */
  error: string
  signIn(token: string): Promise<void>
  joined(me: api.Me): void
  /** What the app itself has changed of me, or is about to. */
  changed(change: (me: api.Me) => api.Me): void
  /** Asks the shop anew what it knows of me. */
  refresh(): void
  signOut(): Promise<void>
  seen(offer: api.Offer): void
}

export function useShopper(): Shopper {
  const [state, setState] = useState<Shopper['state']>('opening')
  const [me, setMe] = useState<api.Me>()
  const [offers, setOffers] = useState<api.Offer[]>([])
  const [listed, setListed] = useState(false)
  const [link, setLink] = useState<Link>('connecting')
  const [at, setAt] = useState(0)
  const [error, setError] = useState('')
  const seen = useRef(new Set<string>())

  const enter = (who: api.Me) => {
    setMe(who)
    setError('')
    setState('open')
  }
  const leave = () => {
    forget()
    seen.current.clear()
    setMe(undefined)
    setOffers([])
    setListed(false)
    setState('open')
  }

  useEffect(() => {
    const link = takeToken(new URL(location.href))
    if (link) history.replaceState(null, '', link.rest)
    const kept = recall()
    const who = link ? api.openSession(link.token) : api.getMe()
    who.then(
      (mine) => {
        if (kept?.me.shopper !== mine.shopper) forget()
        enter(mine)
      },
      (problem) => {
        if (!link && kept && !api.signedOut(problem)) {
          setOffers(kept.offers)
          setListed(true)
          setAt(kept.at)
          enter(kept.me)
        } else {
          leave()
          if (link || !api.signedOut(problem)) setError(api.words(problem))
        }
      },
    )
  }, [])

  const id = me?.shopper
  useEffect(() => {
    if (!id) return
    return follow({
      me: setMe,
      offers: (all) => {
        setOffers(all)
        setListed(true)
      },
      offer: (offer) => setOffers((all) => withOffer(all, offer)),
      redeemed: (redeemed) => setOffers((all) => withRedeemed(all, redeemed)),
      consent: (consent) => setMe((who) => who && withConsent(who, consent)),
      link: (now) => {
        setLink(now)
        if (now === 'live') setAt(Date.now())
      },
      failed: (problem) => {
        if (api.signedOut(problem)) leave()
        else setLink('offline')
      },
    })
  }, [id])

  useEffect(() => {
    if (me && listed && at) keep({ me, offers, at })
  }, [me, offers, listed, at])

  return {
    state,
    ...(me && { me }),
    offers,
    listed,
    link,
    at,
    error,
    signIn: (token) => api.openSession(token).then(enter),
    joined: enter,
    changed: (change) => setMe((who) => who && change(who)),
    refresh: () => void api.getMe().then(setMe, () => {}), // what is shown stays, if the shop cannot be reached
    signOut: () => api.closeSession().then(leave),
    seen: (offer) => {
      if (seen.current.has(offer.decision)) return
      seen.current.add(offer.decision)
      // Counted for learning only. If it does not arrive, the shopper need not know.
      api.viewed(offer.decision).catch(() => seen.current.delete(offer.decision))
    },
  }
}

