import type { FeedPreview, FeedRow } from '@aisle/api'
import { count, Empty, Failure, plural, RawJson, Skeleton, Status } from '@aisle/ui'

interface Asked {
  data: FeedPreview | undefined
  error: unknown
  refetch: () => unknown
  isPlaceholderData: boolean
}

const skips: Record<string, string> = { bot: 'a search engine or robot', asset: 'a picture or script', redirect: 'a redirect', error: 'an error page', method: 'no visit of a page', titles: 'the line of titles', empty: 'an empty line' }

/** The first records of the sample as the events that they become, or why they become none. */
export function RowsPreview({ of, whole }: { of: Asked; whole: boolean }) {
  const { data, error } = of
  return (
    <section className="card" aria-label="What comes out of it">
      <div className="card-head">
        <h2>What comes out of it</h2>
        {data && (
          <span className="row num">
            <span>{plural(data.read, 'event')}</span>
            {data.skipped > 0 && <span className="dim">{count(data.skipped)} left out</span>}
            {data.bad > 0 && <Status state={{ word: `${count(data.bad)} cannot be read`, tone: 'bad' }} />}
            {data.unassigned ? <Status state={{ word: `${count(data.unassigned)} with values that have no name`, tone: 'warn' }} /> : null}
          </span>
        )}
      </div>
      {!whole && !data ? (
        <p className="list-foot">The preview goes on once what is marked is mended.</p>
      ) : error ? (
        <div style={{ padding: 14 }}>
          <Failure error={error} retry={of.refetch} />
        </div>
      ) : !data ? (
        <Skeleton height={240} />
      ) : data.rows.length === 0 ? (
        <Empty title="Nothing comes out">The sample has no record.</Empty>
      ) : (
        <div className="scroll" data-old={of.isPlaceholderData || !whole || undefined}>
          <table className="table" data-dense="">
            <thead>
              <tr>
                <th scope="col" className="n" style={{ width: 40 }}>
                  #
                </th>
                <th scope="col">Event</th>
                <th scope="col">When</th>
                <th scope="col">Who</th>
                <th scope="col" style={{ width: '50%' }}>
                  What it tells
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
      {data && data.rows.length > 20 && <p className="list-foot num">The first 20 records of the sample.</p>}
    </section>
  )
}

function Row({ row: { event, at, properties, identified, skipped, bad }, n }: { row: FeedRow; n: number }) {
  if (bad || skipped) {
    return (
      <tr>
        <td className="n dim">{n}</td>
        <td colSpan={4} className={bad ? 'error' : 'dim'}>
          {bad ? `Cannot be read: ${bad}` : `Left out: ${skips[skipped!] ?? skipped}.`}
        </td>
      </tr>
    )
  }
  const { unassigned, ...known } = (properties ?? {}) as Record<string, unknown>
  return (
    <tr style={{ verticalAlign: 'top' }}>
      <td className="n dim">{n}</td>
      <td className="mono strong">{event}</td>
      <td className="mono">{at || <span className="dim">when it is read</span>}</td>
      <td>{identified ? 'told' : <span className="dim">nobody</span>}</td>
      <td>
        <span className="mono pairs">
          {Object.entries(known).map(([name, value]) => (
            <span key={name}>
              <span className="dim">{name}</span> {typeof value === 'object' ? JSON.stringify(value) : String(value)}
            </span>
          ))}
        </span>
        {unassigned !== undefined && <RawJson value={unassigned} label="Without a name" />}
      </td>
    </tr>
  )
}
