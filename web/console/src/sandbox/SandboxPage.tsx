import { useMay, useSandboxMessages } from '@aisle/api'
import { ago, Empty, hourMinute, useNow } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { segments } from '../campaigns/sms'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'
import { t } from './words'

/** The text messages that would have gone out, on a phone for all numbers. */
export default function SandboxPage() {
  return (
    <Page title={t.title} note={t.note}>
      {useMay('staff') ? (
        <Messages />
      ) : (
        <div className="card">
          <Empty title={t.notYours.title}>{t.notYours.more}</Empty>
        </div>
      )}
    </Page>
  )
}

function Messages() {
  const messages = useSandboxMessages()
  const now = useNow(5_000)
  return (
    <Loaded of={messages} height={640}>
      {(messages) =>
        messages.length === 0 ? (
          <div className="card">
            <Empty title={t.none} action={<LinkButton to="/campaigns" variant="default">{t.campaigns}</LinkButton>}>
              {t.noneMore}
            </Empty>
          </div>
        ) : (
          <div className="phone">
            <header>
              {t.messages}
              <p className="dim small num">{t.latest(messages.length)}</p>
            </header>
            {/* A long list that scrolls must be reachable by keyboard. */}
            {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
            <ol tabIndex={0} aria-label={t.list} aria-live="polite">
              {messages.map((message) => (
                <li key={message.id}>
                  <span className="num">{t.to(message.to, hourMinute(message.at), ago(message.at, now))}</span>
                  <p className="bubble">{message.body}</p>
                  <span className="num">
                    {t.segments(segments(message.body).segments)}
                    {message.decision && (
                      <>
                        {' · '}
                        <Link to="/decisions/$decision" params={{ decision: message.decision }}>
                          {t.why}
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
  )
}
