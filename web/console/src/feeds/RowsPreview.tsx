import type { FeedPreview, FeedRow } from '@aisle/api'
import { count, Empty, Failure, RawJson, Skeleton, Status } from '@aisle/ui'
import { t } from './words'

interface Asked {
  data: FeedPreview | undefined
  error: unknown
  refetch: () => unknown
  isPlaceholderData: boolean
}

const skips: Record<string, string> = t.rows.skips

/** The first records of the sample as the events that they become, or why they become none. */
export function RowsPreview({ of, whole }: { of: Asked; whole: boolean }) {
  const { data, error } = of
  return (
    <section className="card" aria-label={t.rows.title}>
      <div className="card-head">
        <h2>{t.rows.title}</h2>
        {data && (
          <span className="row num">
            <span>{t.rows.events(data.read)}</span>
            {data.skipped > 0 && <span className="dim">{t.rows.skipped(count(data.skipped))}</span>}
            {data.bad > 0 && <Status state={{ word: t.rows.bad(count(data.bad)), tone: 'bad' }} />}
            {data.unassigned ? <Status state={{ word: t.rows.unassigned(count(data.unassigned)), tone: 'warn' }} /> : null}
          </span>
        )}
      </div>
      {!whole && !data ? (
        <p className="list-foot">{t.rows.notWhole}</p>
      ) : error ? (
        <div style={{ padding: 14 }}>
          <Failure error={error} retry={of.refetch} />
        </div>
      ) : !data ? (
        <Skeleton height={240} />
      ) : data.rows.length === 0 ? (
        <Empty title={t.rows.none}>{t.rows.noneMore}</Empty>
      ) : (
        <div className="scroll" data-old={of.isPlaceholderData || !whole || undefined}>
          <table className="table" data-dense="">
            <thead>
              <tr>
                <th scope="col" className="n" style={{ width: 40 }}>
                  #
                </th>
                <th scope="col">{t.rows.event}</th>
                <th scope="col">{t.rows.when}</th>
                <th scope="col">{t.rows.who}</th>
                <th scope="col" style={{ width: '50%' }}>
                  {t.rows.tells}
                </th>
              </tr>
            </thead>
            <tbody>
              {data.rows.slice(0, 20).map((row, i) => (
                <Row key={i} row={row} n={i + 1} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {data && data.rows.length > 20 && <p className="list-foot num">{t.rows.first}</p>}
    </section>
  )
}

function Row({ row: { event, at, properties, identified, skipped, bad }, n }: { row: FeedRow; n: number }) {
  if (bad || skipped) {
    return (
      <tr>
        <td className="n dim">{n}</td>
        <td colSpan={4} className={bad ? 'error' : 'dim'}>
          {bad ? t.rows.isBad(bad) : t.rows.isSkipped(skips[skipped!] ?? skipped!)}
        </td>
      </tr>
    )
  }
  const { unassigned, ...known } = (properties ?? {}) as Record<string, unknown>
  return (
    <tr style={{ verticalAlign: 'top' }}>
      <td className="n dim">{n}</td>
      <td className="mono strong">{event}</td>
      <td className="mono">{at || <span className="dim">{t.rows.whenRead}</span>}</td>
      <td>{identified ? t.rows.told : <span className="dim">{t.rows.nobody}</span>}</td>
      <td>
        <span className="mono pairs" dir="ltr">
          {Object.entries(known).map(([name, value]) => (
            <span key={name}>
              <span className="dim">{name}</span> {typeof value === 'object' ? JSON.stringify(value) : String(value)}
            </span>
          ))}
        </span>
        {unassigned !== undefined && <RawJson value={unassigned} label={t.rows.nameless} />}
      </td>
    </tr>
  )
}
