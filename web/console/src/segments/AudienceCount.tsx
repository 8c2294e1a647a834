import { Problem, useAudience, type AudienceAsk } from '@aisle/api'
import { clock } from '@aisle/ui'
import { useDebouncedValue } from '@mantine/hooks'
import './segments.css'
import { howMany, ofWhom, share } from './audience'

const channelNames = { app: 'app', push: 'notification', sms: 'text message', email: 'e-mail', webhook: 'webhook' }

/** How many shoppers a rule lets in now, while it is written, and how many of them may be reached. */
export function AudienceCount({ of }: { of: AudienceAsk }) {
  const [settled] = useDebouncedValue(of, 400)
  const { data, error, isPlaceholderData } = useAudience(settled)
  const refused = error instanceof Problem && error.status === 400
  if (refused || (!data && error)) return <p className="audience dim small">{refused ? 'Once the rule is right, its shoppers are counted here.' : 'They cannot be counted now; it is tried again in a moment.'}</p>
  if (!data) return <p className="audience dim small">Counting…</p>
  const { shoppers, matching, reached, channels, moment, at } = data
  const asked = Object.entries(channels)
  return (
    <div className="audience" role="group" aria-label="Who matches now" data-old={isPlaceholderData || JSON.stringify(settled) !== JSON.stringify(of) || undefined}>
      <p>
        <span className="audience-number num">{howMany(matching)}</span> <span className="dim">{matching.count === 1 ? 'shopper matches' : 'shoppers match'} now</span>
      </p>
      <div className="audience-bar" aria-hidden>
        <span style={{ width: `${share(matching, shoppers)}%` }} />
        {asked.length > 0 && <span data-reached style={{ width: `${share(reached, shoppers)}%` }} />}
      </div>
      {asked.length > 0 && (
        <p className="small num">
          <span className="strong">{howMany(reached)}</span> can be reached
          {asked.length > 1 && <span className="dim">: {asked.map(([channel, n]) => `${channelNames[channel as keyof typeof channelNames]} ${howMany(n)}`).join(', ')}</span>}
        </p>
      )}
      <p className="dim small num">
        {ofWhom(data)}, at {clock(at)}
      </p>
      {moment.length > 0 && (
        <p className="dim small">
          <code>{moment.join(', ')}</code> {moment.length === 1 ? 'is' : 'are'} known only when something happens, and empty here.
        </p>
      )}
    </div>
  )
}
