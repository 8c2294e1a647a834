import { useSystem, type System } from '@aisle/api'
import { ago, CopyId, count, dateTime, percent, RawJson, span, Status, useNow, type Tone } from '@aisle/ui'
import { Loaded, Page } from '../Page'
import { t } from './words'

type Service = System['services'][number]

const tones: Record<Service['state'], Tone> = { ok: 'good', behind: 'warn', unknown: 'none' }

/** What runs here, and how far behind it is. */
export default function SystemPage() {
  const system = useSystem()
  return (
    <Page title={t.title} note={t.note}>
      <Loaded of={system}>
        {(system) => (
          <>
            <div className="tiles">
              <Part name={t.version} value={system.version} note={`${system.go}${system.demo ? ` · ${t.demo}` : ''}`} />
              <Part name={t.stream.name} value={t.stream[system.stream]} note={t.stream.partitions(system.partitions)} />
              <Part name={t.state.name} value={t.state[system.state]} note={t.state.note} />
              <Part name={t.catalog.name} value={t.catalog[system.catalog]} note={t.catalog.note} />
            </div>
            <Services system={system} />
            {system.deciding && <Late of={system.deciding} />}
            <section className="card block" aria-label={t.operators.label}>
              <p className="dim small">
                {t.operators.numbers[0]}
                <CopyId value={`${location.origin}/metrics`} label={t.operators.metrics} show="/metrics" />
                {t.operators.numbers[1]}
                <CopyId value={`${location.origin}/readyz`} label={t.operators.readiness} show="/readyz" />
                {t.operators.numbers[2]}
              </p>
              <RawJson value={system} label={t.operators.json} />
            </section>
          </>
        )}
      </Loaded>
    </Page>
  )
}

function Services({ system }: { system: System }) {
  const says: Record<string, string> = t.services.does
  return (
    <section className="card" aria-label={t.services.title}>
      <div className="card-head">
        <h2>{t.services.title}</h2>
        <span className="dim num">{t.services.up(span(system.uptime_s * 1_000), dateTime(system.started))}</span>
      </div>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t.services.service}</th>
            <th scope="col">{t.services.state}</th>
            <th scope="col" className="n">
              {t.services.lag}
            </th>
          </tr>
        </thead>
        <tbody>
          {system.services.map(({ name, state, lag }) => (
            <tr key={name}>
              <td>
                <span className="strong">{name}</span>
                {says[name] && <p className="dim small">{says[name]}</p>}
              </td>
              <td>
                <Status state={{ word: t.services.states[state], tone: tones[state] }} />
              </td>
              <td className="n">{lag < 0 ? '–' : count(lag)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

/** Of what was decided on in this process: what came in time, and what did not. */
function Late({ of: { events, late, too_late, late_features, newest, slowest } }: { of: NonNullable<System['deciding']> }) {
  const now = useNow()
  const share = (n: number) => percent(n / events, 2)
  return (
    <section className="card block" aria-label={t.late.title}>
      <div className="between">
        <h2>{t.late.title}</h2>
        {events > 0 && <span className="dim num">{t.late.note(count(events))}</span>}
      </div>
      {events === 0 ? (
        <p className="dim">{t.late.none}</p>
      ) : (
        <div className="counts num">
          <Counted name={t.late.inTime} value={share(Math.max(0, events - late - too_late))} note={t.late.inTimeMore} />
          <Counted name={t.late.allowed} value={share(late)} note={t.late.allowedMore} />
          <Counted name={t.late.tooLate} value={share(too_late)} note={t.late.tooLateMore} />
          <Counted name={t.late.features} value={count(late_features)} note={t.late.featuresMore} />
          {newest && slowest && <Counted name={t.late.watermark} value={ago(newest, now)} note={t.late.watermarkMore(ago(newest, now), ago(slowest, now))} />}
        </div>
      )}
    </section>
  )
}

const Counted = ({ name, value, note }: { name: string; value: string; note: string }) => (
  <div className="count-tile grow">
    <b>{value}</b>
    {name}
    <p className="dim small">{note}</p>
  </div>
)

const Part = ({ name, value, note }: { name: string; value: string; note: string }) => (
  <div className="card tile">
    <p>{name}</p>
    <p className="strong" style={{ fontSize: 15, lineHeight: '24px' }}>
      {value}
    </p>
    <p className="tile-note">{note}</p>
  </div>
)
