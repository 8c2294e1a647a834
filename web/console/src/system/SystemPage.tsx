import { useSystem, type System } from '@aisle/api'
import { CopyId, count, dateTime, RawJson, span, Status, type State } from '@aisle/ui'
import { Loaded, Page } from '../Page'

const partNames = {
  stream: { name: 'Stream', embedded: 'Broker in the box', kafka: 'Apache Kafka' },
  state: { name: 'State', embedded: 'redis-server in the box', redis: 'Redis' },
  catalog: { name: 'Catalog', sqlite: 'SQLite file', postgres: 'PostgreSQL' },
} as const

const serviceState: Record<System['services'][number]['state'], State> = {
  ok: { word: 'Keeps up', tone: 'good' },
  behind: { word: 'Behind', tone: 'warn' },
  unknown: { word: 'Not known', tone: 'none' },
}

/** What runs here, and how far behind it is. */
export default function SystemPage() {
  const system = useSystem()
  return (
    <Page title="System" note="What runs here, asked again each five seconds.">
      <Loaded of={system}>
        {(system) => (
          <>
            <div className="tiles">
              <Part name="Version" value={system.version} note={`${system.go}${system.demo ? ' · demonstration' : ''}`} />
              <Part name={partNames.stream.name} value={partNames.stream[system.stream]} note={`${system.partitions} partitions`} />
              <Part name={partNames.state.name} value={partNames.state[system.state]} note="what is known between records" />
              <Part name={partNames.catalog.name} value={partNames.catalog[system.catalog]} note="campaigns, shops, people who sign in" />
            </div>
            <section className="card" aria-label="Services">
              <div className="card-head">
                <h2>Services</h2>
                <span className="dim num">
                  up for {span(system.uptime_s * 1_000)}, since {dateTime(system.started)}
                </span>
              </div>
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">Service</th>
                    <th scope="col">State</th>
                    <th scope="col" className="n">
                      Records not handled yet
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {system.services.map(({ name, state, lag }) => (
                    <tr key={name}>
                      <td className="strong">{name}</td>
                      <td>
                        <Status state={serviceState[state]} />
                      </td>
                      <td className="n">{lag < 0 ? '–' : count(lag)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
            <section className="card block" aria-label="For operators">
              <p className="dim small">
                Numbers for Prometheus are at <CopyId value={`${location.origin}/metrics`} label="address of the metrics" show="/metrics" />, readiness at{' '}
                <CopyId value={`${location.origin}/readyz`} label="address of readiness" show="/readyz" />.
              </p>
              <RawJson value={system} label="System as JSON" />
            </section>
          </>
        )}
      </Loaded>
    </Page>
  )
}

const Part = ({ name, value, note }: { name: string; value: string; note: string }) => (
  <div className="card tile">
    <p>{name}</p>
    <p className="strong" style={{ fontSize: 15, lineHeight: '24px' }}>
      {value}
    </p>
    <p className="tile-note">{note}</p>
  </div>
)
