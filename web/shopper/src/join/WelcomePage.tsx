import { useEffect, useState } from 'preact/hooks'
import { demoShoppers, words, type DemoShopper } from '../api'
import { Languages } from '../Languages'
import { Heading, Note } from '../page'
import { takeToken } from '../route'
import type { Shopper } from '../shopper'
import { t, type Language } from '../words'

/** For somebody whom this phone does not know: join, sign in, or in a demonstration hold another's phone. */
export function WelcomePage({ shopper, say }: { shopper: Shopper; say(language: Language): void }) {
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
      <Heading>{t.title}</Heading>
      <p>{t.welcome}</p>
      <Note tone="neg">{error}</Note>
      <a class="button primary" href="#/join">
        {t.join}
      </a>
      <a class="button" href="#/sign-in">
        {t.signIn}
      </a>
      <Languages say={say} />
      {demo.length > 0 && (
        <>
          <h2>{t.tryAs}</h2>
          <p class="dim">{t.demo}</p>
          <ul class="demo" aria-label={t.tryAs}>
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
