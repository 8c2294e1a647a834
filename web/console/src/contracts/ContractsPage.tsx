import { useContracts, useMay, useShapes, type ContractSummary, type ShapeSummary } from '@aisle/api'
import { ago, compact, count, dateTime, Empty, Status, useNow } from '@aisle/ui'
import { Button, TextInput } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { Freshness } from '../Freshness'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { nameOf } from './schema'
import { t } from './words'

/** What events must look like, by their names. */
export default function ContractsPage() {
  const contracts = useContracts()
  const shapes = useShapes()
  const may = useMay('admin', 'marketer')
  return (
    <Page title={t.title} note={t.note} actions={may && <NewContract />}>
      <Loaded of={contracts} height={240}>
        {(contracts) => (
          <>
            <ContractsTable contracts={contracts} shapes={shapes.data ?? []} stale={<Freshness of={shapes} />} />
            <Without contracts={contracts} shapes={shapes.data ?? []} may={may} />
          </>
        )}
      </Loaded>
    </Page>
  )
}

function NewContract() {
  const navigate = useNavigate()
  const [typed, setTyped] = useState('')
  const [wrong, setWrong] = useState<string>()
  return (
    <form
      className="row"
      onSubmit={(event) => {
        event.preventDefault()
        const { name, wrong } = nameOf(typed)
        setWrong(wrong)
        if (name) void navigate({ to: '/contracts/$event', params: { event: name } })
      }}
      noValidate
    >
      <TextInput aria-label={t.begin.name} placeholder="product_viewed" w={190} value={typed} onChange={({ currentTarget }) => setTyped(currentTarget.value)} error={wrong} spellCheck={false} className="typed" />
      <Button type="submit" leftSection={<Plus size={14} />}>
        {t.begin.start}
      </Button>
    </form>
  )
}

const seenOf = (shapes: ShapeSummary[], event: string) => shapes.filter((shape) => shape.event === event).reduce((sum, { count }) => sum + count, 0)

function ContractsTable({ contracts, shapes, stale }: { contracts: ContractSummary[]; shapes: ShapeSummary[]; stale: ReactNode }) {
  const now = useNow(30_000)
  if (contracts.length === 0) {
    return (
      <div className="card">
        <Empty title={t.table.none}>{t.table.noneMore}</Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label={t.table.label}>
      <div className="card-head">
        <h2>{t.title}</h2>
        {stale}
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.table.event}</th>
              <th scope="col">{t.table.state}</th>
              <th scope="col">{t.table.sources}</th>
              <th scope="col" className="n">
                {t.table.refused}
              </th>
              <th scope="col" className="n">
                {t.table.taken}
              </th>
              <th scope="col" className="n">
                {t.table.written}
              </th>
            </tr>
          </thead>
          <tbody>
            {contracts.map(({ event, live, latest, sources, updated, by, refused = 0, note }) => {
              const taken = seenOf(shapes, event)
              return (
                <tr key={event}>
                  <td>
                    <Link className="whole mono" to="/contracts/$event" params={{ event }}>
                      {event}
                    </Link>
                    {note && (
                      <>
                        <br />
                        <span className="dim small" dir="auto">{note}</span>
                      </>
                    )}
                  </td>
                  <td>
                    <span className="row">
                      <Status state={live ? { word: t.holds(live), tone: 'good' } : { word: t.table.draft(latest), tone: 'none' }} />
                      {live && latest > live ? <span className="dim small">{t.table.draftWaits(latest)}</span> : null}
                    </span>
                  </td>
                  <td className="dim">{sources?.length ? sources.join(', ') : t.everySource}</td>
                  <td className="n">
                    {refused > 0 ? (
                      <Link className="above" to="/quarantine" search={{ reason: 'schema', text: event, since: '24h' }}>
                        {count(refused)}
                      </Link>
                    ) : live ? (
                      '0'
                    ) : (
                      '–'
                    )}
                  </td>
                  <td className="n">{taken > 0 ? compact(taken) : '–'}</td>
                  <td className="n" title={t.table.writtenBy(dateTime(updated), by)}>
                    {ago(updated, now)}
                  </td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Without({ contracts, shapes, may }: { contracts: ContractSummary[]; shapes: ShapeSummary[]; may: boolean }) {
  const has = new Set(contracts.map(({ event }) => event))
  const events = [...new Set(shapes.map(({ event }) => event))].filter((event) => !has.has(event)).toSorted((a, b) => seenOf(shapes, b) - seenOf(shapes, a))
  if (events.length === 0) return null
  return (
    <section className="card" aria-label={t.without.label}>
      <div className="card-head">
        <h2>{t.without.title}</h2>
        <span className="dim">{t.without.note}</span>
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.table.event}</th>
              <th scope="col">{t.without.from}</th>
              <th scope="col" className="n">
                {t.table.taken}
              </th>
              <th scope="col" className="n">
                <span className="hidden">{t.without.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {events.slice(0, 50).map((event) => (
              <tr key={event}>
                <td className="mono">{event}</td>
                <td className="dim">
                  {shapes
                    .filter((shape) => shape.event === event)
                    .map(({ source }) => source)
                    .join(', ')}
                </td>
                <td className="n">{compact(seenOf(shapes, event))}</td>
                <td className="n">
                  {may && (
                    <LinkButton size="compact-sm" variant="default" to="/contracts/$event" params={{ event }} aria-label={t.without.startFor(event)}>
                      {t.without.start}
                    </LinkButton>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
