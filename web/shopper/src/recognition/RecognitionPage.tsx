import { useEffect, useState } from 'preact/hooks'
import { forgetFace, putConsent, words, type Me } from '../api'
import { granted, withConsent } from '../me'
import { useNow } from '../now'
import { clock } from '../offers/offer'
import { Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { Enrolment } from './Enrolment'

/** To be recognised at the door: what it means, the photos, and the way back. */
export function RecognitionPage({ me, shopper }: { me: Me; shopper: Shopper }) {
  const [said, setSaid] = useState('')
  const [error, setError] = useState('')
  const allowed = granted(me, 'face')
  useEffect(shopper.refresh, [])

  const attempt = async (what: () => Promise<void>) => {
    setError('')
    setSaid('')
    try {
      await what()
    } catch (problem) {
      setError(words(problem))
    }
  }
  const agree = () =>
    attempt(async () => {
      const consent = await putConsent('face', true)
      shopper.changed((mine) => withConsent(mine, consent))
    })
  const forget = () =>
    attempt(async () => {
      const { removed } = await forgetFace()
      shopper.changed((mine) => withConsent(mine, { purpose: 'face', granted: false, at: new Date().toISOString(), source: 'app' }))
      setSaid(removed > 0 ? 'Your face is forgotten. The camera counts you as a visitor now.' : 'There was nothing left to forget.')
    })
  const enrolled = () => {
    shopper.changed((mine) => ({ ...mine, face: { enrolled: true, at: new Date().toISOString() } }))
    setSaid('Done. The camera at the door knows you now.')
  }

  return (
    <section>
      <Heading>Recognition</Heading>
      <Note tone="pos">{said}</Note>
      <Note tone="neg">{error}</Note>
      {allowed && me.face.enrolled ? (
        <Enrolled me={me} forget={forget} />
      ) : (
        <>
          <Notice />
          {allowed ? (
            <>
              <Enrolment done={enrolled} />
              <button type="button" class="danger" onClick={forget}>
                I do not want to be recognised
              </button>
            </>
          ) : (
            <button type="button" class="primary" onClick={agree}>
              I agree to be recognised
            </button>
          )}
        </>
      )}
    </section>
  )
}

function Notice() {
  return (
    <>
      <p>
        A camera at the entrance can recognise you when you walk in, so that an offer finds you in time. It is your choice, and
        everything else works without it.
      </p>
      <dl class="facts long card">
        <dt>What for</dt>
        <dd>To know that you came in, and for nothing else</dd>
        <dt>What we keep</dt>
        <dd>Numbers that describe your face, locked away; never a photo</dd>
        <dt>How long</dt>
        <dd>Until you delete them here</dd>
        <dt>Paying</dt>
        <dd>Nothing is ever paid or redeemed by your face alone</dd>
      </dl>
    </>
  )
}

function Enrolled({ me, forget }: { me: Me; forget(): void }) {
  const now = useNow(30_000)
  return (
    <>
      <p class="card">
        <strong>You are recognised at the door.</strong>
        {me.face.at && <span class="dim">Enrolled {clock(me.face.at, now)}.</span>}
      </p>
      <p class="dim">Only numbers that describe your face are kept. Delete them, and the camera forgets you within seconds.</p>
      <button type="button" class="danger" onClick={forget}>
        Forget my face
      </button>
    </>
  )
}
