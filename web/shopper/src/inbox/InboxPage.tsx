import { useEffect, useRef, useState } from 'preact/hooks'
import { getMessages, words, type Message } from '../api'
import { useNow } from '../now'
import { Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { clock, m, t } from '../words'
import { nameOf, waiting } from './waiting'

const tones: Record<Message['state'], string> = { sent: 'pos', delivered: 'pos', failed: 'warn', refused: '', held: '' }

/** What was sent, by which channel and when, and what was held back and why. */
export function InboxPage({ shopper }: { shopper: Shopper }) {
  const now = useNow(30_000)
  const [listed, setListed] = useState<Message[]>()
  const [latest, setLatest] = useState<Message[]>([])
  const [error, setError] = useState('')
  const newest = shopper.offers[0]?.decision
  const reached = shopper.link === 'live'
  useEffect(() => {
    getMessages().then(
      (all) => {
        setLatest(all)
        setListed((before) => (before?.length ? before : all))
        setError('')
      },
      (problem) => setError(words(problem)),
    )
  }, [newest, reached])

  const known = new Set(shopper.offers.map(({ decision }) => decision))
  const { shown, more } = waiting(listed ?? [], latest)
  const list = useRef<HTMLUListElement>(null)
  const showAll = () => {
    setListed(latest)
    scrollTo(0, 0)
    list.current?.focus({ preventScroll: true }) // the button goes
  }
  return (
    <section>
      <Heading>{t.places.inbox}</Heading>
      {shown.length === 0 && <Note tone="neg">{error}</Note>}
      {!listed ? (
        !error && <div class="skeleton" aria-busy="true" />
      ) : listed.length === 0 ? (
        <div class="empty">
          <h2>{m.inboxNone}</h2>
          <p class="dim">{m.inboxNoneWhy}</p>
        </div>
      ) : (
        <>
          <div class="fresh" aria-live="polite">
            <p class={more > 0 ? 'unseen' : 'dim'}>{m.inboxWhat}</p>
            {more > 0 && (
              <button type="button" onClick={showAll}>
                {m.newMessages(more)}
              </button>
            )}
          </div>
          <ul class="list" aria-label={t.places.inbox} ref={list} tabIndex={-1}>
            {shown.map((message) => (
              <li key={nameOf(message)} class="card">
                <header>
                  <span class="dim small num">
                    {m.channel[message.channel] ?? message.channel} · {clock(message.at, now)}
                  </span>
                  <span class="pill" data-tone={tones[message.state]}>
                    {m.state[message.state]}
                  </span>
                </header>
                <p class="strong" dir="auto">
                  {known.has(message.decision) ? <a href={`#/offers/${encodeURIComponent(message.decision)}`}>{message.title}</a> : message.title}
                </p>
                {message.shop_name && <p class="dim small">{message.shop_name}</p>}
                <Why message={message} />
              </li>
            ))}
          </ul>
          <Note tone="neg">{error}</Note>
        </>
      )}
    </section>
  )
}

function Why({ message: { state, refusal = '' } }: { message: Message }) {
  const why = state === 'held' && refusal === 'quiet_hours' ? m.quietWaits : state === 'sent' || state === 'delivered' ? '' : m.refusal[refusal]
  return why ? <p class="dim small">{why}</p> : null
}
