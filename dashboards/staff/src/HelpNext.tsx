import { useLive, type HelpNext as Help } from '@aisle/api'
import { Skeleton, span } from '@aisle/ui'
import { useServerNow } from './clock'
import { calledBy, notMentioned, standing, whyThem } from './presence'
import { t } from './words'

/** Who may want help, the most urgent first: why, what to say, and what not to mention. */
export function HelpNext({ open, onOpen }: { open: string | undefined; onOpen: (shopper: string) => void }) {
  const help = useLive((live) => live.help)
  const loaded = useLive((live) => live.shop !== undefined)
  const replayed = useLive((live) => live.replayed !== undefined)
  const now = useServerNow()
  if (replayed) return null
  return (
    <section className="card help" aria-label={t.help.title}>
      <div className="card-head">
        <h2>{t.help.title}</h2>
        <span className="dim">{t.help.note}</span>
      </div>
      {!loaded ? (
        <div className="help-none"><Skeleton height={40} /></div>
      ) : help.length === 0 ? (
        <p className="help-none dim">{t.help.nobody}</p>
      ) : (
        <ol className="help-list">
          {help.map((one) => (
            <li key={one.key}>
              <HelpRow help={one} now={now} open={one.shopper === open} onOpen={onOpen} />
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function HelpRow({ help, now, open, onOpen }: { help: Help; now: number; open: boolean; onOpen: (shopper: string) => void }) {
  const since = standing(help, now)
  return (
    <button type="button" className="help-row" aria-expanded={open} onClick={() => onOpen(help.shopper)}>
      <span className="between">
        <span className="strong cut">{calledBy(help)}</span>
        <span className="dim small num">
          <bdi>{help.zone_name}</bdi>
          {since !== undefined && <bdi> · {span(since)}</bdi>}
        </span>
      </span>
      <span className="dim small cut">{whyThem(help)[0]}</span>
      <span className="help-not small cut">
        <b>{t.help.not}</b> {notMentioned(help)[0]?.replace(/\.$/, '')}
      </span>
    </button>
  )
}
