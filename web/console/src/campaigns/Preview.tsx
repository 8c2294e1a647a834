import { placeholders, preview, segments, unfilled, unknownPlaceholders, type OfferValues } from './sms'
import { t } from './words'

/** What a placement is, by the first word of its name. */
export const kindOf = (placement: string) => placement.split('/')[0] ?? ''

export interface Look {
  title: string
  text: string
  image?: string
  button?: string
}

const { app, push, email, wall, web } = t.preview
const frames: Record<string, string> = { app, push, email, wall, web }

/** How an offer looks where it is shown. */
export function Preview({ kind, look: { title, text, image, button } }: { kind: string; look: Look }) {
  return (
    <figure className="preview" data-kind={kind}>
      <figcaption className="dim small">{frames[kind] ?? web}</figcaption>
      <div className="preview-frame">
        {image && <Picture address={image} />}
        <div>
          {kind === 'push' && <span className="faint small">{t.preview.from}</span>}
          <p className="preview-title" dir="auto">
            {title || t.preview.title}
          </p>
          {text && (
            <p className="preview-text" dir="auto">
              {text}
            </p>
          )}
          {(button || kind === 'app') && <span className="preview-button">{button || t.preview.code}</span>}
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

export const braced = (names: string[]) => names.map((name) => `{{${name}}}`).join(', ')

/** How the message reads on a phone, and what it costs. */
export function SmsPreview({ template, values }: { template: string; values: OfferValues }) {
  if (!template.trim()) return null
  const text = preview(template, values)
  const { segments: parts, letters, left, encoding, odd } = segments(text)
  const unknown = unknownPlaceholders(template)
  const empty = unfilled(template, values)
  return (
    <div className="sms" aria-label={t.preview.sms} role="group">
      <p className="bubble" dir="auto">
        {text}
      </p>
      <p className="dim small num">
        {t.preview.cost(parts, letters, left, encoding)}
      </p>
      {unknown.length > 0 && (
        <p className="error">
          {t.preview.unknown(braced(unknown), braced(placeholders))}
        </p>
      )}
      {empty.length > 0 && <p className="error">{t.preview.unfilled(braced(empty))}</p>}
      {odd && <p className="small dim">{t.preview.odd(odd)}</p>}
    </div>
  )
}
