import { useEffect, useState } from 'preact/hooks'
import { demoShoppers, words, type DemoShopper } from '../api'
import { Heading, Note } from '../page'
import { takeToken } from '../route'
import type { Shopper } from '../shopper'

/** For somebody whom this phone does not know: join, or in a demonstration hold another's phone. */
export function WelcomePage({ shopper }: { shopper: Shopper }) {
  const [demo, setDemo] = useState<DemoShopper[]>([])
  const [error, setError] = useState(shopper.error)
  useEffect(() => {
    void demoShoppers().then(setDemo)
  }, [])

  const hold = (link: string) => {
    const token = takeToken(new URL(link, location.href))?.token ?? ''
    shopper.signIn(token).catch((problem) => setError(words(problem)))
  }
  return (
    <section>
      <Heading>Offers near you</Heading>
      <p>The right offer at the right moment, while you shop. You choose what we may use for it, and may change your mind at any time.</p>
      <Note tone="neg">{error}</Note>
      <a class="button primary" href="#/join">
        Join
      </a>
      <p class="dim small">You joined already? Open the personal link that we gave you.</p>
      {demo.length > 0 && (
        <>
          <h2>Try it as …</h2>
          <p class="dim">This is a demonstration. Hold the phone of one of its shoppers.</p>
          <ul class="list" aria-label="Try it as">
            {demo.map((one) => (
              <li key={one.shopper}>
                <button type="button" onClick={() => hold(one.link)}>
                  {one.name}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  )
}
