import { useEffect, useState } from 'preact/hooks'
import { forgetFace, words, type Me } from '../api'
import { withConsent } from '../me'
import { useNow } from '../now'
import { Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { clock, dayOf, m, percent, t } from '../words'
import { consentPath, getRecognition, notMe, type Recognition, type Seen } from './api'
import { Capture } from './Capture'
import { Counters } from './Counters'
import { NoticeForm } from './NoticeForm'
import { Receipt } from './Receipt'
import { whyWords } from './words'

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
    setSaid(m.signedNow)
    setReceipt('')
    granted(true)
    void load()
  }
  const enrolled = () => {
    setSaid(m.enrolledNow)
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
      setSaid(removed > 0 ? m.forgotten : m.nothingToForget)
      await load()
    } catch (problem) {
      setError(words(problem))
    }
  }
  const wrong = async ({ id }: Seen) => {
    setError('')
    try {
      await notMe(id)
      setSaid(m.notedWrong)
      await load()
    } catch (problem) {
      setError(words(problem))
    }
  }

  return (
    <section>
      <Heading>{t.places.recognition}</Heading>
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
              {mine.enrolment ? m.deleteFace : m.changedMind}
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
        <h2>{m.recognised}</h2>
        <dl class="facts">
          <dt>{m.enrolledOn}</dt>
          <dd>{dayOf(enrolment.at)}</dd>
          <dt>{m.lastRecognised}</dt>
          <dd>{enrolment.recognised ? clock(enrolment.recognised, now) : m.notYet}</dd>
          <dt>{m.deletedLatest}</dt>
          <dd>{m.unlessAgain(dayOf(enrolment.expires))}</dd>
          <dt>{m.whatIsKept}</dt>
          <dd>
            {m.vectors(enrolment.vectors)}
            {enrolment.not_mine > 0 && `; ${m.notMine(enrolment.not_mine)}`}
          </dd>
        </dl>
      </div>
      <h2 id="seen">{m.seenLately}</h2>
      {seen.length === 0 ? (
        <p class="dim">{m.seenNever}</p>
      ) : (
        <ul class="list" aria-labelledby="seen">
          {seen.map((one) => (
            <li key={one.id} class="card">
              <strong>{[one.zone_name, one.shop_name].filter(Boolean).join(', ')}</strong>
              <span class="dim">
                {clock(one.at, now)}, {m.sure(percent(one.confidence))}
              </span>
              <button type="button" class="plain" onClick={() => wrong(one)}>
                {m.wasNotMe}
                <span class="hidden">, {clock(one.at, now)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
      <button type="button" onClick={again}>
        {m.newPhotos}
      </button>
    </>
  )
}

/** What was signed and what was deleted, for the shopper's own files. */
function Kept({ mine: { consents, deletions }, shown, show }: { mine: Recognition; shown: string; show(receipt: string): void }) {
  if (consents.length === 0 && deletions.length === 0) return null
  return (
    <details class="why">
      <summary>{m.signedAndReceipts}</summary>
      <div>
        <ul class="list">
          {consents.map(({ id, at, language, notice, withdrawn }) => (
            <li key={id} class="card">
              <span>
                {m.signedOn(dayOf(at))} <span class="dim">{m.notice(notice, language)}</span>
              </span>
              <span class="dim small">{withdrawn ? m.endedOn(dayOf(withdrawn)) : m.stands}</span>
              <a href={consentPath(id)} download={`aisle-consent-${id}.json`}>
                {m.downloadSigned}
              </a>
            </li>
          ))}
          {deletions.map(({ id, at, why }) => (
            <li key={id} class="card">
              <span>
                {m.deletedOn(dayOf(at))} <span class="dim">{whyWords(why)}</span>
              </span>
              {id !== shown && (
                <button type="button" class="plain" onClick={() => show(id)}>
                  {m.showReceipt}
                </button>
              )}
            </li>
          ))}
        </ul>
      </div>
    </details>
  )
}
