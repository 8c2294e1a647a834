import { useEffect, useState } from 'preact/hooks'
import { getMessages, words, type Message } from '../api'
import { useNow } from '../now'
import { Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { clock, m, t } from '../words'

const tones: Record<Message['state'], string> = { sent: 'pos', delivered: 'pos', failed: 'warn', refused: '', held: '' }

/** What was sent, by which channel and when, and what was held back and why. */
export function InboxPage({ shopper }: { shopper: Shopper }) {
  const now = useNow(30_000)
  const [messages, setMessages] = useState<Message[]>()
  const [error, setError] = useState('')
  const newest = shopper.offers[0]?.decision
  const reached = shopper.link === 'live'
  useEffect(() => {
    getMessages().then(
      (all) => {
        setMessages(all)
        setError('')
      },
      (problem) => setError(words(problem)),
    )
  }, [newest, reached])

  const known = new Set(shopper.offers.map(({ decision }) => decision))
  return (
    <section>
      <Heading>{t.places.inbox}</Heading>
      <Note tone="neg">{error}</Note>
      {!messages ? (
        !error && <div class="skeleton" aria-busy="true" />
      ) : messages.length === 0 ? (
        <div class="empty">
          <h2>{m.inboxNone}</h2>
          <p class="dim">{m.inboxNoneWhy}</p>
        </div>
      ) : (
        <>
          <p class="dim">{m.inboxWhat}</p>
          <ul class="list" aria-label={t.places.inbox}>
            {messages.map((message) => (
              <li key={message.decision + message.channel} class="card">
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
        </>
      )}
    </section>
  )
}

function Why({ message: { state, refusal = '' } }: { message: Message }) {
  const why = state === 'held' && refusal === 'quiet_hours' ? m.quietWaits : state === 'sent' || state === 'delivered' ? '' : m.refusal[refusal]
  return why ? <p class="dim small">{why}</p> : null
}
