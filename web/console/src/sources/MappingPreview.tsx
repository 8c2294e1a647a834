import type { MappingTried } from '@aisle/api'
import { Changes, changesBetween, count, Empty, Failure, RawJson, Skeleton, worded } from '@aisle/ui'
import { t } from './words'

interface Asked {
  data: MappingTried | undefined
  error: unknown
  refetch: () => unknown
  isPlaceholderData: boolean
}

/** What steps would do to what came lately: counts, and examples before and after. */
export function MappingPreview({ of, whole }: { of: Asked; whole: boolean }) {
  if (!whole) return <p className="dim small">{t.preview.notWhole}</p>
  if (of.error) return <Failure error={of.error} retry={of.refetch} />
  if (!of.data) return <Skeleton height={180} />
  const { tested, changed, dropped, failed, mended, examples } = of.data
  if (tested === 0) return <Empty title={t.preview.nothing}>{t.preview.nothingMore}</Empty>
  return (
    <div className="stack" data-old={of.isPlaceholderData || undefined} aria-busy={of.isPlaceholderData}>
      <dl className="facts">
        <dt>{t.preview.tested}</dt>
        <dd className="num">{t.events(tested)}</dd>
        <dt>{t.preview.changed}</dt>
        <dd className="num">{count(changed)}</dd>
        <dt>{t.preview.dropped}</dt>
        <dd className="num">{count(dropped)}</dd>
        <dt>{t.preview.failed}</dt>
        <dd className="num" style={failed > 0 ? { color: 'var(--neg)' } : undefined}>
          {count(failed)}
        </dd>
        <dt>{t.preview.mended}</dt>
        <dd className="num" style={mended > 0 ? { color: 'var(--pos)' } : undefined}>
          {count(mended)}
        </dd>
      </dl>
      {examples.length === 0 ? (
        <p className="dim small">{t.preview.none}</p>
      ) : (
        <ol className="examples" aria-label={t.preview.examples}>
          {examples.map((example, i) => (
            <li key={i}>
              <p className="strong cut" dir="ltr">
                {example.event}
                {example.after_event && example.after_event !== example.event && <> → {example.after_event}</>}
              </p>
              {example.error ? (
                <p className="error" dir="auto">
                  {worded(example.error)}
                </p>
              ) : example.dropped ? (
                <p className="dim small">{t.preview.isDropped}</p>
              ) : (
                <Changes changes={changesBetween(example.before, example.after ?? {})} />
              )}
              <RawJson value={example.dropped ? { before: example.before } : { before: example.before, after: example.after }} label={t.preview.json} />
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}
