import { useSandboxMessages } from '@aisle/api'
import { ago, Empty, hourMinute, plural, useNow } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { segments } from '../campaigns/sms'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'

/** The text messages that would have gone out, on a phone for all numbers. */
export default function SandboxPage() {
  const messages = useSandboxMessages()
  const now = useNow(5_000)
  return (
    <Page title="Sandbox messages" note="Without a Twilio account, text messages go here instead of to phones. New ones appear within two seconds.">
      <Loaded of={messages} height={640}>
        {(messages) =>
          messages.length === 0 ? (
            <div className="card">
              <Empty title="No message yet" action={<LinkButton to="/campaigns" variant="default">Look at the campaigns</LinkButton>}>
                As soon as a campaign that speaks by text message reaches a shopper who agreed to it, the message appears here as the phone would show it.
              </Empty>
            </div>
          ) : (
            <div className="phone">
              <header>
                Messages
                <p className="dim small num">{plural(messages.length, 'message')}, the latest</p>
              </header>
              {/* A long list that scrolls must be reachable by keyboard. */}
              {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
              <ol tabIndex={0} aria-label="Messages, newest at the end" aria-live="polite">
                {messages.map((message) => (
                  <li key={message.id}>
                    <span className="num">
                      to {message.to} · {hourMinute(message.at)} · {ago(message.at, now)}
                    </span>
                    <p className="bubble">{message.body}</p>
                    <span className="num">
                      {plural(segments(message.body).segments, 'segment')}
                      {message.decision && (
                        <>
                          {' · '}
                          <Link to="/decisions/$decision" params={{ decision: message.decision }}>
                            why
                          </Link>
                        </>
                      )}
                    </span>
                  </li>
                ))}
              </ol>
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}
