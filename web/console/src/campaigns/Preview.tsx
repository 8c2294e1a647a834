import { plural } from '@aisle/ui'
import { placeholders, preview, segments, unknownPlaceholders } from './sms'

/** What a placement is, by the first word of its name. */
export const kindOf = (placement: string) => placement.split('/')[0] ?? ''

export interface Look {
  title: string
  text: string
  image?: string
  button?: string
}

const frames: Record<string, string> = {
  app: 'As a card in the app',
  push: 'As a notification',
  email: 'As a letter',
  wall: 'On a screen in the shop',
  web: 'On a page',
}

/** How an offer looks where it is shown. */
export function Preview({ kind, look: { title, text, image, button } }: { kind: string; look: Look }) {
  const frame = frames[kind] ?? frames.web!
  return (
    <figure className="preview" data-kind={kind}>
      <figcaption className="dim small">{frame}</figcaption>
      <div className="preview-frame">
        {image && <Picture address={image} />}
        <div>
          {kind === 'push' && <span className="faint small">Aisle · now</span>}
          <p className="preview-title">{title || 'The title'}</p>
          {text && <p className="preview-text">{text}</p>}
          {(button || kind === 'app') && <span className="preview-button">{button || 'Show the code'}</span>}
        </div>
      </div>
    </figure>
  )
}

/** Pictures of other houses are not loaded into the console. */
const Picture = ({ address }: { address: string }) =>
  address.startsWith('/') ? (
    <img src={address} alt="" />
  ) : (
    <span className="preview-picture small" title={address}>
      {address.replace(/^https:\/\//, '')}
    </span>
  )

/** How the message reads on a phone, and what it costs. */
export function SmsPreview({ template, title, shop }: { template: string; title: string; shop: string }) {
  if (!template.trim()) return null
  const text = preview(template, { title, shop })
  const { segments: parts, letters, left, encoding, odd } = segments(text)
  const unknown = unknownPlaceholders(template)
  return (
    <div className="sms" aria-label="How it reads on a phone" role="group">
      <p className="bubble" dir="auto">
        {text}
      </p>
      <p className="dim small num">
        {plural(parts, 'segment')} with this sample · {letters} letters, {left} left · {encoding}
      </p>
      {unknown.length > 0 && (
        <p className="error">
          Nobody knows {unknown.map((name) => `{{${name}}}`).join(', ')}: choose of {placeholders.map((name) => `{{${name}}}`).join(', ')}.
        </p>
      )}
      {encoding === 'UCS-2' && (
        <p className="small dim">
          “{odd}” is not of the phones’ own alphabet, so a segment holds 70 letters instead of 160.
        </p>
      )}
    </div>
  )
}
