import { Problem, useAudience, type AudienceAsk } from '@aisle/api'
import { clock } from '@aisle/ui'
import { useDebouncedValue } from '@mantine/hooks'
import './segments.css'
import { howMany, ofWhom, share } from './audience'
import { t } from './words'

/** How many shoppers a rule lets in now, while it is written, and how many of them may be reached. */
export function AudienceCount({ of }: { of: AudienceAsk }) {
  const [settled] = useDebouncedValue(of, 400)
  const { data, error, isPlaceholderData } = useAudience(settled)
  const refused = error instanceof Problem && error.status === 400
  if (refused || (!data && error)) return <p className="audience dim small">{refused ? t.audience.refused : t.audience.failed}</p>
  if (!data) return <p className="audience dim small">{t.audience.counting}</p>
  const { shoppers, matching, reached, channels, moment, at } = data
  const asked = Object.entries(channels)
  return (
    <div className="audience" role="group" aria-label={t.audience.label} data-old={isPlaceholderData || JSON.stringify(settled) !== JSON.stringify(of) || undefined}>
      <p>
        <span className="audience-number num">{howMany(matching)}</span> <span className="dim">{t.audience.match(matching.count)}</span>
      </p>
      <div className="audience-bar" aria-hidden>
        <span style={{ width: `${share(matching, shoppers)}%` }} />
        {asked.length > 0 && <span data-reached style={{ width: `${share(reached, shoppers)}%` }} />}
      </div>
      {asked.length > 0 && (
        <p className="small num">
          <span className="strong">{howMany(reached)}</span> {t.audience.reached}
          {asked.length > 1 && <span className="dim">: {asked.map(([channel, n]) => `${t.audience.channels[channel as keyof typeof t.audience.channels]} ${howMany(n)}`).join(', ')}</span>}
        </p>
      )}
      <p className="dim small num">
        {t.audience.at(ofWhom(data), clock(at))}
      </p>
      {moment.length > 0 && (
        <p className="dim small">
          <code dir="ltr">{moment.join(', ')}</code> {t.audience.moment(moment.length)}
        </p>
      )}
    </div>
  )
}
