import { useEffect, useRef, useState } from 'preact/hooks'
import * as api from './api'
import { forget, keep, recall } from './kept'
import { withConsent } from './me'
import { follow, type Link } from './offers/live'
import { withOffer, withRedeemed } from './offers/offer'
import { takeToken } from './route'

/** What the shop sends to whoever used this phone does not come here any more. */
const silence = async () => {
  if ('Notification' in window && Notification.permission === 'granted') await import('./push').then(({ endPush }) => endPush()).catch(() => {})
}

/** Whose phone this is, and what they have been offered. */
export interface Shopper {
  state: 'opening' | 'open'
  me?: api.Me
  offers: api.Offer[]
  /** How the open ones stand by what is allowed now, best first; nothing before the shop has said so. */
  ranking: api.Rank[]
  /** How long the shop took to rank them after the latest change, in milliseconds. */
  rankedIn: number
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
  /** Says yes or no to a purpose. It shows at once, and goes back if the shop did not hear of it. */
  allow(purpose: api.Purpose, granted: boolean): Promise<void>
  /** Asks the shop anew what it knows of me. */
  refresh(): void
  signOut(): Promise<void>
  /** Has all deleted that the shop knows of me. What it signed of that is the receipt. */
  deleteMe(): Promise<void>
  receipt?: api.Statement
  /** The receipt was read. */
  farewell(): void
  seen(offer: api.Offer): void
}

export function useShopper(): Shopper {
  const [state, setState] = useState<Shopper['state']>('opening')
  const [me, setMe] = useState<api.Me>()
  const [offers, setOffers] = useState<api.Offer[]>([])
  const [ranking, setRanking] = useState<api.Rank[]>([])
  const [rankedIn, setRankedIn] = useState(0)
  const [listed, setListed] = useState(false)
  const [link, setLink] = useState<Link>('connecting')
  const [at, setAt] = useState(0)
  const [error, setError] = useState('')
  const [receipt, setReceipt] = useState<api.Statement>()
  const seen = useRef(new Set<string>())
  /** How often the app itself has changed me: what was asked for before is then old. */
  const changes = useRef(0)

  const enter = (who: api.Me) => {
    setMe(who)
    setError('')
    setState('open')
  }
  const leave = () => {
    forget()
    void silence()
    seen.current.clear()
    setMe(undefined)
    setOffers([])
    setRanking([])
    setRankedIn(0)
    setListed(false)
    setState('open')
  }

  useEffect(() => {
    const link = takeToken(new URL(location.href))
    if (link) history.replaceState(null, '', link.rest)
    const kept = recall()
    // A link that holds no longer leaves the phone with whose it was.
    const who = link
      ? api.openSession(link.token).catch((problem) => api.mySession().then((mine) => mine ?? Promise.reject(problem)))
      : api.mySession()
    who.then(
      (mine) => {
        if (!mine) return leave()
        if (kept && kept.me.shopper !== mine.shopper) {
          forget()
          void silence()
        }
        enter(mine)
      },
      (problem) => {
        if (!link && kept) {
          setOffers(kept.offers)
          setListed(true)
          setAt(kept.at)
          enter(kept.me)
        } else {
          leave()
          setError(api.words(problem))
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
        if (now === 'live') setAt(api.now())
      },
      failed: (problem) => {
        if (api.signedOut(problem)) leave()
        else setLink('offline')
      },
    })
  }, [id])

  // Ranked anew when an offer comes or goes; after a switch, allow sees to it.
  const shown = offers.map(({ decision, redeemed }) => decision + (redeemed ?? '')).join()
  const rank = () => api.getRanking().then(setRanking, () => {}) // the order stays, if the shop cannot be reached
  useEffect(() => {
    if (id && listed && link === 'live') void rank()
  }, [id, listed, link, shown])

  useEffect(() => {
    if (me && listed && at) keep({ me, offers, at })
  }, [me, offers, listed, at])

  return {
    state,
    ...(me && { me }),
    offers,
    ranking,
    rankedIn,
    listed,
    link,
    at,
    error,
    signIn: (token) => api.openSession(token).then(enter),
    joined: enter,
    changed: (change) => {
      changes.current++
      setMe((who) => who && change(who))
    },
    allow: async (purpose, granted) => {
      const before = me!
      changes.current++
      const consent = before.consents.find((one) => one.purpose === purpose)!
      setMe((who) => who && withConsent(who, { ...consent, granted }))
      const began = performance.now()
      try {
        const kept = await api.putConsent(purpose, granted)
        setMe((who) => who && withConsent(who, kept))
        await rank()
        setRankedIn(Math.round(performance.now() - began))
      } catch (problem) {
        if (api.signedOut(problem)) return leave() // deleted, or signed out in another tab
        setMe((who) => who && { ...withConsent(who, consent), face: before.face })
        throw problem
      }
    },
    refresh: () => {
      const before = changes.current
      api.getMe().then(
        (mine) => changes.current === before && setMe(mine),
        () => {}, // what is shown stays, if the shop cannot be reached
      )
    },
    signOut: async () => {
      await silence() // while the shop still knows whose phone this is
      await api.closeSession()
      leave()
    },
    deleteMe: async () => {
      const statement = await api.deleteMe()
      leave()
      setReceipt(statement)
    },
    ...(receipt && { receipt }),
    farewell: () => setReceipt(undefined),
    seen: (offer) => {
      if (seen.current.has(offer.decision)) return
      seen.current.add(offer.decision)
      // Counted for learning only. If it does not arrive, the shopper need not know.
      api.viewed(offer.decision).catch(() => seen.current.delete(offer.decision))
    },
  }
}

