import { useContracts, useMay, useShapes, type ContractSummary, type ShapeSummary } from '@aisle/api'
import { ago, compact, contractState, count, dateTime, Empty, Status, useNow } from '@aisle/ui'
import { Button, TextInput } from '@mantine/core'
import { Link, useNavigate } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { Freshness } from '../Freshness'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { nameOf } from './schema'

/** What events must look like, by their names. */
export default function ContractsPage() {
  const contracts = useContracts()
  const shapes = useShapes()
  const may = useMay('admin', 'marketer')
  return (
    <Page title="Contracts" note="What the properties of an event must be. What does not fulfil its contract lies in the quarantine, whole." actions={may && <NewContract />}>
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
      <TextInput aria-label="Name of the event" placeholder="product_viewed" w={190} value={typed} onChange={({ currentTarget }) => setTyped(currentTarget.value)} error={wrong} spellCheck={false} className="typed" />
      <Button type="submit" leftSection={<Plus size={14} />}>
        Start a contract
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
        <Empty title="No contract yet">A contract says which properties an event must have, and of what type. Start one from an event below: its schema is proposed from what came so far.</Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label="List of contracts">
      <div className="card-head">
        <h2>Contracts</h2>
        {stale}
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col">State</th>
              <th scope="col">For</th>
              <th scope="col" className="n">
                Refused, 24 h
              </th>
              <th scope="col" className="n">
                Taken so far
              </th>
              <th scope="col" className="n">
                Written
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
                        <span className="dim small">{note}</span>
                      </>
                    )}
                  </td>
                  <td>
                    <span className="row">
                      <Status state={live ? { ...contractState.live, word: `Version ${live} holds` } : { word: `Draft ${latest}`, tone: 'none' }} />
                      {live && latest > live ? <span className="dim small">draft {latest} waits</span> : null}
                    </span>
                  </td>
                  <td className="dim">{sources?.length ? sources.join(', ') : 'Every source'}</td>
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
                  <td className="n" title={`${dateTime(updated)} by ${by}`}>
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
    <section className="card" aria-label="Events without a contract">
      <div className="card-head">
        <h2>Without a contract</h2>
        <span className="dim">taken whatever their properties are</span>
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Event</th>
              <th scope="col">From</th>
              <th scope="col" className="n">
                Taken so far
              </th>
              <th scope="col" className="n">
                <span className="hidden">Actions</span>
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
                    <LinkButton size="compact-sm" variant="default" to="/contracts/$event" params={{ event }} aria-label={`Start a contract for ${event}`}>
                      Start one
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
