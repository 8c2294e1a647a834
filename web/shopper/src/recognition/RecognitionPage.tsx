import { useEffect, useState } from 'preact/hooks'
import { forgetFace, words, type Me } from '../api'
import { withConsent } from '../me'
import { useNow } from '../now'
import { clock } from '../offers/offer'
import { Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { consentPath, getRecognition, notMe, type Recognition, type Seen } from './api'
import { Capture } from './Capture'
import { Counters } from './Counters'
import { NoticeForm } from './NoticeForm'
import { Receipt } from './Receipt'
import { dayOf, whyWords } from './words'

/** To be recognised at the door: the notice, the photos, what is known, and the way back. */
export function RecognitionPage({ me, shopper }: { me: Me; shopper: Shopper }) {
  const [mine, setMine] = useState<Recognition>()
  const [again, setAgain] = useState(false)
  const [receipt, setReceipt] = useState('')
  const [said, setSaid] = useState('')
  const [error, setError] = useState('')

  const load = () =>
    getRecognition().then(setMine, (problem) => {
      setError(words(problem))
    })
  useEffect(() => void load(), [])

  const granted = (granted: boolean) =>
    shopper.changed((who) => withConsent(who, { purpose: 'face', granted, at: new Date().toISOString(), source: 'app' }))
  const signed = () => {
    setSaid('Signed. Now three photos.')
    setReceipt('')
    granted(true)
    void load()
  }
  const enrolled = () => {
    setSaid('Done. The camera at the door knows you now.')
    setAgain(false)
    shopper.changed((who) => ({ ...who, face: { enrolled: true, at: new Date().toISOString() } }))
    void load()
  }
  const forget = async () => {
    setError('')
    setSaid('')
    try {
      const { removed, receipt = '' } = await forgetFace()
      granted(false)
      setAgain(false)
      setReceipt(receipt)
      setSaid(removed > 0 ? 'Your face is forgotten. The camera counts you as a visitor now.' : 'You are not recognised. There was nothing left to forget.')
      await load()
    } catch (problem) {
      setError(words(problem))
    }
  }
  const wrong = async ({ id }: Seen) => {
    setError('')
    try {
      await notMe(id)
      setSaid('Noted. The camera will not take this face for yours again.')
      await load()
    } catch (problem) {
      setError(words(problem))
    }
  }

  return (
    <section>
      <Heading>Recognition</Heading>
      <Note tone="pos">{said}</Note>
      <Note tone="neg">{error}</Note>
      {receipt && <Receipt id={receipt} />}
      {!mine ? (
        !error && <div class="skeleton" aria-busy="true" />
      ) : (
        <>
          {mine.enrolment && !again ? (
            <Enrolled mine={mine} again={() => setAgain(true)} wrong={wrong} />
          ) : mine.signed ? (
            <Capture done={enrolled} />
          ) : (
            <NoticeForm name={me.name ?? ''} signed={signed} />
          )}
          {(mine.signed || mine.enrolment) && (
            <button type="button" class="danger" onClick={forget}>
              {mine.enrolment ? 'Delete my face, and stop' : 'I have changed my mind'}
            </button>
          )}
          <Kept mine={mine} shown={receipt} show={setReceipt} />
        </>
      )}
      <Counters />
    </section>
  )
}

interface EnrolledProps {
  mine: Recognition
  again(): void
  wrong(seen: Seen): void
}

function Enrolled({ mine: { enrolment, seen }, again, wrong }: EnrolledProps) {
  const now = useNow(30_000)
  if (!enrolment) return null
  return (
    <>
      <div class="card">
        <h2>You are recognised at the door</h2>
        <dl class="facts">
          <dt>Enrolled</dt>
          <dd>{dayOf(enrolment.at)}</dd>
          <dt>Last recognised</dt>
          <dd>{enrolment.recognised ? clock(enrolment.recognised, now) : 'not yet'}</dd>
          <dt>Deleted at the latest</dt>
          <dd>{dayOf(enrolment.expires)}, unless you come again</dd>
          <dt>What is kept</dt>
          <dd>
            {enrolment.vectors} descriptions in numbers, no picture
            {enrolment.not_mine > 0 && `; ${enrolment.not_mine} of faces that are not yours`}
          </dd>
        </dl>
      </div>
      <h2 id="seen">Recognised in the last 24 hours</h2>
      {seen.length === 0 ? (
        <p class="dim">Not once. When the camera names you, it is here for a day, and you can say that it was not you.</p>
      ) : (
        <ul class="list" aria-labelledby="seen">
          {seen.map((one) => (
            <li key={one.id} class="card">
              <strong>{[one.zone_name, one.shop_name].filter(Boolean).join(', ')}</strong>
              <span class="dim">
                {clock(one.at, now)}, {Math.round(one.confidence * 100)} % sure
              </span>
              <button type="button" class="plain" onClick={() => wrong(one)}>
                That was not me
                <span class="hidden">, {clock(one.at, now)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <button type="button" onClick={again}>
        Take new photos
      </button>
    </>
  )
}

/** What was signed and what was deleted, for the shopper's own files. */
function Kept({ mine: { consents, deletions }, shown, show }: { mine: Recognition; shown: string; show(receipt: string): void }) {
  if (consents.length === 0 && deletions.length === 0) return null
  return (
    <details class="why">
      <summary>What you signed, and receipts</summary>
      <div>
        <ul class="list">
          {consents.map(({ id, at, language, notice, withdrawn }) => (
            <li key={id} class="card">
              <span>
                Signed {dayOf(at)} <span class="dim">(notice {notice}, {language})</span>
              </span>
              <span class="dim small">{withdrawn ? `ended ${dayOf(withdrawn)}` : 'it stands'}</span>
              <a href={consentPath(id)} download={`aisle-consent-${id}.json`}>
                Download what you signed
              </a>
            </li>
          ))}
          {deletions.map(({ id, at, why }) => (
            <li key={id} class="card">
              <span>
                Deleted {dayOf(at)} <span class="dim">{whyWords(why)}</span>
              </span>
              {id !== shown && (
                <button type="button" class="plain" onClick={() => show(id)}>
                  Show the receipt
                </button>
              )}
            </li>
          ))}
        </ul>
      </div>
    </details>
  )
}
