import { useMay, useQuarantine, useQuarantineGroups, type Quarantine, type QuarantineFilter, type Quarantined, type QuarantineGroup, type QuarantineState } from '@aisle/api'
import { ago, count, dateTime, Empty, plural, quarantineState, reasonWord, Status, useNow } from '@aisle/ui'
import { Button, Checkbox, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { RotateCcw, Search, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Freshness } from '../Freshness'
import { Loaded, Page } from '../Page'
import { quarantineReasons, quarantineSpans, quarantineStates, type QuarantineSearch } from '../router'
import { filterOf, filterWords, isFiltered, spans, stateWords } from './filter'
import { SendAgain, useSending } from './SendAgain'
import { Trends } from './Trends'
import './quarantine.css'

const route = getRouteApi('/shell/quarantine')

/** What could not be read, whole, with its reason: found, looked at, and sent through the door again. */
export default function QuarantinePage() {
  const search = route.useSearch()
  const now = useNow(60_000)
  return (
    <Page title="Quarantine" note="What was sent and could not be read, whole, with its reason. Mend the cause, then send it again; nothing comes twice.">
      <Trends search={search} />
      <List search={search} filter={filterOf(search, now)} />
    </Page>
  )
}

function useSet() {
  const navigate = route.useNavigate()
  return (part: Partial<QuarantineSearch>) => void navigate({ search: (before) => ({ ...before, ...part }), replace: true })
}

function List({ search, filter }: { search: QuarantineSearch; filter: QuarantineFilter }) {
  const asked = useQuarantine(filter)
  const set = useSet()
  const pages = asked.data?.pages
  const groups = search.show !== 'each'
  const filtered = isFiltered(search)
  return (
    <section className="card" aria-label="Records">
      <Filters search={search} sources={Object.keys(pages?.[0]?.sources ?? {})} />
      <Loaded of={{ ...asked, data: pages }} height={460}>
        {(pages) => {
          const first = pages[0]!
          if (first.total === 0) {
            return filtered ? (
              <Empty
                title="Nothing matches"
                action={
                  <Button variant="default" onClick={() => set({ reason: undefined, source: undefined, state: undefined, text: undefined, since: undefined })}>
                    Show everything
                  </Button>
                }
              >
                There are no records {filterWords(search)}.
              </Empty>
            ) : (
              <Empty title="Nothing lies here">Everything that was sent could be read. What cannot be is kept here for 30 days, so that nothing is lost.</Empty>
            )
          }
          return <Found key={JSON.stringify(filter)} first={first} records={pages.flatMap(({ records }) => records)} search={search} filter={filter} stale={asked} groups={groups} more={asked.hasNextPage ? { load: asked.fetchNextPage, busy: asked.isFetchingNextPage } : undefined} />
        }}
      </Loaded>
    </section>
  )
}

function Filters({ search, sources }: { search: QuarantineSearch; sources: string[] }) {
  const set = useSet()
  const { reason, source, state, since, text } = search
  const [typed, setTyped] = useState(text ?? '')
  const settle = useDebouncedCallback((text: string) => set({ text: text || undefined }), 250)
  // What clears the address from elsewhere clears the field too.
  useEffect(() => {
    if (!text) setTyped('')
  }, [text])
  const known = source && !sources.includes(source) ? [source, ...sources] : sources
  return (
    <div className="list-head">
      <div className="row" style={{ flexWrap: 'wrap' }}>
        <Select aria-label="Reason" w={170} placeholder="Every reason" clearable allowDeselect data={quarantineReasons.map((value) => ({ value, label: reasonWord(value) }))} value={reason ?? null} onChange={(value) => set({ reason: quarantineReasons.find((known) => known === value) })} />
        <Select aria-label="Source" w={180} placeholder="Every source" clearable allowDeselect searchable data={known} value={source ?? null} onChange={(value) => set({ source: value ?? undefined })} />
        <Select aria-label="State" w={150} placeholder="Every state" clearable allowDeselect data={quarantineStates.map((value) => ({ value, label: quarantineState(value).word }))} value={state ?? null} onChange={(value) => set({ state: quarantineStates.find((known) => known === value) })} />
        <Select aria-label="Since" w={150} placeholder="At any time" clearable allowDeselect data={quarantineSpans.map((value) => ({ value, label: capital(spans[value].words) }))} value={since ?? null} onChange={(value) => set({ since: quarantineSpans.find((known) => known === value) })} />
        <TextInput
          aria-label="Find a text"
          placeholder="Find a text"
          maxLength={200}
          leftSection={<Search size={14} />}
          w={190}
          value={typed}
          onChange={({ currentTarget: { value } }) => {
            setTyped(value)
            settle(value)
          }}
        />
        {isFiltered(search) && (
          <Button
            variant="subtle"
            leftSection={<X size={13} />}
            onClick={() => {
              setTyped('')
              set({ reason: undefined, source: undefined, state: undefined, since: undefined, text: undefined })
            }}
          >
            Clear
          </Button>
        )}
      </div>
      <SegmentedControl
        aria-label="How it is listed"
        value={search.show ?? 'groups'}
        onChange={(value) => set({ show: value === 'each' ? 'each' : undefined })}
        data={[
          { value: 'groups', label: 'Alike together' },
          { value: 'each', label: 'One by one' },
        ]}
      />
    </div>
  )
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

interface FoundProps {
  first: Quarantine
  records: Quarantined[]
  search: QuarantineSearch
  filter: QuarantineFilter
  stale: { error: unknown; data: unknown; dataUpdatedAt: number }
  groups: boolean
  more: { load: () => unknown; busy: boolean } | undefined
}

/** What may be sent through the door: what is not there already, and was not taken yet. */
const sendable = ({ state }: { state: QuarantineState }) => state === 'waiting' || state === 'failed'

function Found({ first, records, search, filter, stale, groups, more }: FoundProps) {
  const may = useMay('admin', 'marketer')
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const { state: _, ...ofAnyState } = filter
  const sending = useSending(ofAnyState)
  const states = first.states ?? {}
  const waiting = (states.waiting ?? 0) + (states.failed ?? 0)
  const mine = records.filter((record) => chosen.has(record.id) && sendable(record))
  return (
    <>
      <div className="bar">
        <p className="num">
          <span className="strong">{plural(first.total, 'record')}</span> <span className="dim">{filterWords(search)}</span>
          {quarantineStates.map((state) =>
            states[state] ? (
              <span key={state} className="dim">
                {' '}
                · {count(states[state])} {stateWords[state]}
              </span>
            ) : null,
          )}
        </p>
        <span className="row">
          <Freshness of={stale} />
          {may && mine.length > 0 && !groups && (
            <Button
              variant="default"
              leftSection={<RotateCcw size={13} />}
              loading={sending.pending}
              onClick={() =>
                sending.ask({
                  count: mine.length,
                  what: `the ${plural(mine.length, 'record')} that you chose`,
                  body: { ids: mine.map(({ id }) => id) },
                  before: states,
                  after: () => setChosen(new Set()),
                })
              }
            >
              Send the chosen again ({count(mine.length)})
            </Button>
          )}
          {may && (
            <Button
              variant="default"
              leftSection={<RotateCcw size={13} />}
              loading={sending.pending}
              disabled={waiting === 0}
              onClick={() => sending.ask({ count: waiting, what: `${waiting === 1 ? 'the' : 'all'} ${plural(waiting, 'record')} ${filterWords(search)}`.trim(), body: { filter }, before: states })}
            >
              {waiting === 0 ? 'None to send again' : `Send ${isFiltered(search) ? 'these' : 'all'} again (${count(waiting)})`}
            </Button>
          )}
        </span>
      </div>
      <SendAgain sending={sending} />
      {groups ? (
        <Groups filter={filter} />
      ) : (
        <Records records={records} may={may} chosen={chosen} onChoose={setChosen} />
      )}
      {!groups && (
        <p className="list-foot num between">
          <span>
            {records.length < first.total ? `${count(records.length)} of ${plural(first.total, 'record')}` : plural(first.total, 'record')}
            {first.oldest && `; what came before ${dateTime(first.oldest)} is on the log, not here`}
          </span>
          {more && (
            <Button size="compact-sm" variant="default" loading={more.busy} onClick={() => void more.load()}>
              Show more
            </Button>
          )}
        </p>
      )}
    </>
  )
}

function Records({ records, may, chosen, onChoose }: { records: Quarantined[]; may: boolean; chosen: ReadonlySet<string>; onChoose: (chosen: ReadonlySet<string>) => void }) {
  const now = useNow(5_000)
  const able = records.filter(sendable)
  const all = able.length > 0 && able.every(({ id }) => chosen.has(id))
  const some = able.some(({ id }) => chosen.has(id))
  const toggle = (id: string) => {
    const next = new Set(chosen)
    if (!next.delete(id)) next.add(id)
    onChoose(next)
  }
  return (
    <div className="scroll">
      <table className="table" data-top="">
        <thead>
          <tr>
            {may && (
              <th scope="col" style={{ width: 34 }}>
                <Checkbox aria-label="Choose all that are shown" checked={all} indeterminate={some && !all} disabled={able.length === 0} onChange={() => onChoose(all ? new Set() : new Set(able.map(({ id }) => id)))} />
              </th>
            )}
            <th scope="col">Reason</th>
            <th scope="col" style={{ width: '44%' }}>
              What is wrong
            </th>
            <th scope="col">Event</th>
            <th scope="col">From</th>
            <th scope="col">State</th>
            <th scope="col" className="n">
              Times
            </th>
            <th scope="col" className="n">
              Latest
            </th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr key={record.id}>
              {may && (
                <td>
                  <Checkbox className="above" aria-label={`Choose ${record.event ?? 'record'} of ${dateTime(record.received)}`} checked={chosen.has(record.id) && sendable(record)} disabled={!sendable(record)} onChange={() => toggle(record.id)} />
                </td>
              )}
              <td>{reasonWord(record.reason)}</td>
              <td>
                <Link className="whole" to="/quarantine/record" search={{ id: record.id }}>
                  {record.detail}
                </Link>
              </td>
              <td className="mono dim">{record.event ?? '–'}</td>
              <td className="dim">{record.source}</td>
              <td>
                <Status state={quarantineState(record.state)} />
              </td>
              <td className="n">{count(record.times)}</td>
              <td className="n" title={dateTime(record.received)}>
                {ago(record.received, now)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Groups({ filter }: { filter: QuarantineFilter }) {
  const asked = useQuarantineGroups(filter, true)
  return (
    <Loaded of={asked} height={320}>
      {(groups) => <GroupTable groups={groups} />}
    </Loaded>
  )
}

function GroupTable({ groups }: { groups: QuarantineGroup[] }) {
  const now = useNow(5_000)
  return (
    <>
      <div className="scroll">
        <table className="table" data-top="">
          <thead>
            <tr>
              <th scope="col">Reason</th>
              <th scope="col" style={{ width: '44%' }}>
                What is wrong
              </th>
              <th scope="col">Event</th>
              <th scope="col">From</th>
              <th scope="col" className="n">
                Records
              </th>
              <th scope="col" className="n">
                Waiting
              </th>
              <th scope="col" className="n">
                Latest
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={group.ids[0]}>
                <td>{reasonWord(group.reason)}</td>
                <td>
                  <Link className="whole" to="/quarantine/record" search={{ id: group.ids[0]! }}>
                    {group.detail}
                  </Link>
                  {group.ids.length > 1 && (
                    <span className="above dim small samples">
                      {group.ids.slice(1).map((id, i) => (
                        <Link key={id} to="/quarantine/record" search={{ id }} aria-label={`Sample ${i + 2} of ${group.detail}`}>
                          sample {i + 2}
                        </Link>
                      ))}
                    </span>
                  )}
                </td>
                <td className="mono dim">{group.event ?? '–'}</td>
                <td className="dim">{group.source}</td>
                <td className="n strong">{count(group.count)}</td>
                <td className="n">{group.waiting > 0 ? count(group.waiting) : '–'}</td>
                <td className="n" title={dateTime(group.last)}>
                  {ago(group.last, now)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="list-foot num">
        {plural(groups.length, 'group')}
        {groups.length === 100 && ', the most frequent'}: details that differ in numbers and quoted texts only are one.
      </p>
    </>
  )
}
