import { useEffect, useState } from 'preact/hooks'
import { demoShoppers, words, type DemoShopper } from '../api'
import { Languages } from '../Languages'
import { Heading, Note } from '../page'
import { takeToken } from '../route'
import type { Shopper } from '../shopper'
import { t, type Language } from '../words'

/** How often it is looked who has come to the demonstration. */
const lookEvery = 2_000

/** For somebody whom this phone does not know: join, sign in, or in a demonstration hold another's phone. */
export function WelcomePage({ shopper, say }: { shopper: Shopper; say(language: Language): void }) {
  const [demo, setDemo] = useState<DemoShopper[]>([])
  const [error, setError] = useState(shopper.error)
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let ended = false
    const ask = () =>
      demoShoppers().then(
        ({ shoppers, more }) => {
          if (ended) return
          setDemo(shoppers)
          if (more) timer = setTimeout(ask, lookEvery)
        },
        () => {}, // it is not needed to join
      )
    void ask()
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [])

  const hold = (link: string) => {
    const token = takeToken(new URL(link, location.href))?.token ?? ''
    shopper.signIn(token).catch((problem) => setError(words(problem)))
  }
  return (
    <section>
      <img class="mark" src={`${import.meta.env.BASE_URL}icon.svg`} width="64" height="64" alt="" />
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
