import { useEffect, useRef, useState } from 'preact/hooks'
import { WelcomePage } from './join/WelcomePage'
import { OffersPage } from './offers/OffersPage'
import { later } from './page'
import { routeOf, type Route } from './route'
import { useShopper, type Shopper } from './shopper'
import { choose, t, type Language } from './words'

const JoinPage = later(() => import('./join/JoinPage').then((module) => module.JoinPage))
const SignInPage = later(() => import('./join/SignInPage').then((module) => module.SignInPage))
const OfferPage = later(() => import('./offers/OfferPage').then((module) => module.OfferPage))
const HerePage = later(() => import('./here/HerePage').then((module) => module.HerePage))
const InboxPage = later(() => import('./inbox/InboxPage').then((module) => module.InboxPage))
const RecognitionPage = later(() => import('./recognition/RecognitionPage').then((module) => module.RecognitionPage))
const YouPage = later(() => import('./you/YouPage').then((module) => module.YouPage))
const PhonePage = later(() => import('./you/PhonePage').then((module) => module.PhonePage))
const DeletePage = later(() => import('./you/DeletePage').then((module) => module.DeletePage))
const FarewellPage = later(() => import('./you/FarewellPage').then((module) => module.FarewellPage))

const places = ['offers', 'inbox', 'recognition', 'you'] as const

export function App() {
  const route = useRoute()
  const shopper = useShopper()
  const [spoken, setSpoken] = useState(0)
  // What a code on the wall or a message led to, before it was known who reads it.
  const wanted = useRef('')
  // Everything is drawn anew in the language that was chosen.
  const say = (language: Language) => void choose(language).then(() => setSpoken(spoken + 1), () => {})

  const known = !!shopper.me
  useEffect(() => {
    if (!known || !wanted.current) return
    location.hash = wanted.current
    wanted.current = ''
  }, [known])

  if (shopper.state === 'opening') {
    return (
      <main aria-busy="true">
        <h1>{t.title}</h1>
        <div class="skeleton" />
      </main>
    )
  }
  if (!known) {
    if (route.page === 'here' || route.page === 'offer') wanted.current = location.hash
    return <main key={spoken}>{stranger(route, shopper, say)}</main>
  }

  const here = places.find((place) => place === route.page) ?? (route.page === 'delete' || route.page === 'phone' ? 'you' : 'offers')
  return (
    <>
      <main key={spoken}>{page(route, shopper, say)}</main>
      <nav aria-label={t.main}>
        {places.map((place) => (
          <a key={place} href={`#/${place}`} aria-current={place === here ? 'page' : undefined}>
            {t.places[place]}
          </a>
        ))}
      </nav>
    </>
  )
}

function stranger(route: Route, shopper: Shopper, say: (language: Language) => void) {
  if (shopper.receipt) return <FarewellPage receipt={shopper.receipt} done={() => leave(shopper)} />
  if (route.page === 'join') return <JoinPage step={route.step} shopper={shopper} />
  if (route.page === 'sign-in') return <SignInPage shopper={shopper} />
  return <WelcomePage shopper={shopper} say={say} />
}

function leave(shopper: Shopper) {
  location.hash = ''
  shopper.farewell()
}

function page(route: Route, shopper: Shopper, say: (language: Language) => void) {
  const me = shopper.me!
  switch (route.page) {
    case 'offer':
      return <OfferPage key={route.decision} decision={route.decision} why={route.why} shopper={shopper} />
    case 'here':
      return <HerePage key={route.code} code={route.code} me={me} />
    case 'inbox':
      return <InboxPage shopper={shopper} />
    case 'recognition':
      return <RecognitionPage me={me} shopper={shopper} />
    case 'you':
      return <YouPage me={me} shopper={shopper} say={say} />
    case 'phone':
      return <PhonePage me={me} shopper={shopper} />
    case 'delete':
      return <DeletePage shopper={shopper} />
    default:
      return <OffersPage shopper={shopper} />
  }
}

/** Follows the address. */
function useRoute(): Route {
  const [hash, setHash] = useState(location.hash)
  useEffect(() => {
    const changed = () => setHash(location.hash)
    addEventListener('hashchange', changed)
    return () => removeEventListener('hashchange', changed)
  }, [])
  return routeOf(hash)
}
