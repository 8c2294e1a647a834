import type { MappingTried } from '@aisle/api'
import { Changes, changesBetween, count, Empty, Failure, plural, RawJson, Skeleton } from '@aisle/ui'

interface Asked {
  data: MappingTried | undefined
  error: unknown
  refetch: () => unknown
  isPlaceholderData: boolean
}

/** What steps would do to what came lately: counts, and examples before and after. */
export function MappingPreview({ of, whole }: { of: Asked; whole: boolean }) {
  if (!whole) return <p className="dim small">The preview goes on once each step is whole.</p>
  if (of.error) return <Failure error={of.error} retry={of.refetch} />
  if (!of.data) return <Skeleton height={180} />
  const { tested, changed, dropped, failed, mended, examples } = of.data
  if (tested === 0) return <Empty title="Nothing to try them on">No event of this source is remembered yet. Once it sends one, the steps are tried on it here.</Empty>
  return (
    <div className="stack" data-old={of.isPlaceholderData || undefined} aria-busy={of.isPlaceholderData}>
      <dl className="facts">
        <dt>Tried on the latest</dt>
        <dd className="num">{plural(tested, 'event')}</dd>
        <dt>Changed</dt>
        <dd className="num">{count(changed)}</dd>
        <dt>Left out</dt>
        <dd className="num">{count(dropped)}</dd>
        <dt>A step cannot be done</dt>
        <dd className="num" style={failed > 0 ? { color: 'var(--neg)' } : undefined}>
          {count(failed)}
        </dd>
        <dt>In quarantine, and mended by them</dt>
        <dd className="num" style={mended > 0 ? { color: 'var(--pos)' } : undefined}>
          {count(mended)}
        </dd>
      </dl>
      {examples.length === 0 ? (
        <p className="dim small">They change none of these.</p>
      ) : (
        <ol className="examples" aria-label="Examples, before and after">
          {examples.map((example, i) => (
            <li key={i}>
              <p className="strong cut">
                {example.event}
                {example.after_event && example.after_event !== example.event && <> → {example.after_event}</>}
              </p>
              {example.error ? (
                <p className="error">{example.error}</p>
              ) : example.dropped ? (
                <p className="dim small">Is left out.</p>
              ) : (
                <Changes changes={changesBetween(example.before, example.after ?? {})} />
              )}
              <RawJson value={example.dropped ? { before: example.before } : { before: example.before, after: example.after }} label="Before and after" />
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}
