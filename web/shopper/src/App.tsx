import { useEffect, useState } from 'preact/hooks'
import { WelcomePage } from './join/WelcomePage'
import { OfferPage } from './offers/OfferPage'
import { OffersPage } from './offers/OffersPage'
import { later } from './page'
import { routeOf, type Route } from './route'
import { useShopper } from './shopper'
import { YouPage } from './you/YouPage'

const JoinPage = later(() => import('./join/JoinPage').then((module) => module.JoinPage))
const RecognitionPage = later(() => import('./recognition/RecognitionPage').then((module) => module.RecognitionPage))

const places = [
  ['offers', 'Offers'],
  ['recognition', 'Recognition'],
  ['you', 'You'],
] as const

export function App() {
  const route = useRoute()
  const shopper = useShopper()
  const { me } = shopper

  if (shopper.state === 'opening') {
    return (
      <main aria-busy="true">
        <h1>Offers near you</h1>
        <div class="skeleton" />
      </main>
    )
  }
  if (!me) return <main>{route.page === 'join' ? <JoinPage shopper={shopper} /> : <WelcomePage shopper={shopper} />}</main>

  const here = route.page === 'offer' || route.page === 'join' ? 'offers' : route.page
  return (
    <>
      <main>
        {route.page === 'offer' ? (
          <OfferPage key={route.decision} decision={route.decision} why={route.why} shopper={shopper} />
        ) : here === 'recognition' ? (
          <RecognitionPage me={me} shopper={shopper} />
        ) : here === 'you' ? (
          <YouPage me={me} shopper={shopper} />
        ) : (
          <OffersPage shopper={shopper} />
        )}
      </main>
      <nav aria-label="Main">
        {places.map(([page, name]) => (
          <a key={page} href={`#/${page}`} aria-current={page === here ? 'page' : undefined}>
            {name}
          </a>
        ))}
      </nav>
    </>
  )
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
