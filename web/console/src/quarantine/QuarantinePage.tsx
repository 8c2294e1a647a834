import { useMay, useQuarantine, useQuarantineGroups, type Quarantine, type QuarantineFilter, type Quarantined, type QuarantineGroup, type QuarantineState } from '@aisle/api'
import { ago, count, dateTime, Empty, quarantineState, reasonWord, Status, useNow, worded } from '@aisle/ui'
import { Button, Checkbox, SegmentedControl, Select, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { RotateCcw, Search, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Freshness } from '../Freshness'
import { Loaded, Page } from '../Page'
import { quarantineReasons, quarantineSpans, quarantineStates, type QuarantineSearch } from '../router'
import { filterOf, filterWords, isFiltered } from './filter'
import { SendAgain, useSending } from './SendAgain'
import { Trends } from './Trends'
import { t } from './words'
import './quarantine.css'

const route = getRouteApi('/shell/quarantine')

/** What could not be read, whole, with its reason: found, looked at, and sent through the door again. */
export default function QuarantinePage() {
  const search = route.useSearch()
  const now = useNow(60_000)
  return (
    <Page title={t.title} note={t.note}>
      <Trends search={search} />
      {useMay('staff') ? (
        <List search={search} filter={filterOf(search, now)} />
      ) : (
        <div className="card">
          <Empty title={t.notYours.title}>{t.notYours.more}</Empty>
        </div>
      )}
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
    <section className="card" aria-label={t.list.label}>
      <Filters search={search} sources={Object.keys(pages?.[0]?.sources ?? {})} />
      <Loaded of={{ ...asked, data: pages }} height={460}>
        {(pages) => {
          const first = pages[0]!
          if (first.total === 0) {
            return filtered ? (
              <Empty
                title={t.list.noMatch}
                action={
                  <Button variant="default" onClick={() => set({ reason: undefined, source: undefined, state: undefined, text: undefined, since: undefined })}>
                    {t.list.everything}
                  </Button>
                }
              >
                {t.list.noMatchMore(filterWords(search))}
              </Empty>
            ) : (
              <Empty title={t.list.none}>{t.list.noneMore}</Empty>
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
        <Select aria-label={t.list.reason} w={170} placeholder={t.list.everyReason} clearable allowDeselect data={quarantineReasons.map((value) => ({ value, label: reasonWord(value) }))} value={reason ?? null} onChange={(value) => set({ reason: quarantineReasons.find((known) => known === value) })} />
        <Select aria-label={t.list.source} w={180} placeholder={t.list.everySource} clearable allowDeselect searchable data={known} value={source ?? null} onChange={(value) => set({ source: value ?? undefined })} />
        <Select aria-label={t.list.state} w={150} placeholder={t.list.everyState} clearable allowDeselect data={quarantineStates.map((value) => ({ value, label: quarantineState(value).word }))} value={state ?? null} onChange={(value) => set({ state: quarantineStates.find((known) => known === value) })} />
        <Select aria-label={t.list.since} w={150} placeholder={t.list.anyTime} clearable allowDeselect data={quarantineSpans.map((value) => ({ value, label: capital(t.spans[value]) }))} value={since ?? null} onChange={(value) => set({ since: quarantineSpans.find((known) => known === value) })} />
        <TextInput
          aria-label={t.list.find}
          placeholder={t.list.find}
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
            {t.list.clear}
          </Button>
        )}
      </div>
      <SegmentedControl
        aria-label={t.list.shown}
        value={search.show ?? 'groups'}
        onChange={(value) => set({ show: value === 'each' ? 'each' : undefined })}
        data={[
          { value: 'groups', label: t.list.groups },
          { value: 'each', label: t.list.each },
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
          <span className="strong">{t.records(first.total)}</span> <span className="dim">{filterWords(search)}</span>
          {quarantineStates.map((state) =>
            states[state] ? (
              <span key={state} className="dim">
                {' '}
                · {count(states[state])} {t.states[state]}
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
                  what: t.send.theChosen(mine.length),
                  body: { ids: mine.map(({ id }) => id) },
                  before: states,
                  after: () => setChosen(new Set()),
                })
              }
            >
              {t.send.chosen(count(mine.length))}
            </Button>
          )}
          {may && (
            <Button
              variant="default"
              leftSection={<RotateCcw size={13} />}
              loading={sending.pending}
              disabled={waiting === 0}
              onClick={() => sending.ask({ count: waiting, what: t.send.allOf(waiting, filterWords(search)), body: { filter }, before: states })}
            >
              {waiting === 0 ? t.send.none : isFiltered(search) ? t.send.these(count(waiting)) : t.send.all(count(waiting))}
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
            {records.length < first.total ? t.list.some(count(records.length), first.total) : t.records(first.total)}
            {first.oldest && t.list.before(dateTime(first.oldest))}
          </span>
          {more && (
            <Button size="compact-sm" variant="default" loading={more.busy} onClick={() => void more.load()}>
              {t.list.more}
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
                <Checkbox aria-label={t.list.chooseAll} checked={all} indeterminate={some && !all} disabled={able.length === 0} onChange={() => onChoose(all ? new Set() : new Set(able.map(({ id }) => id)))} />
              </th>
            )}
            <th scope="col">{t.list.reason}</th>
            <th scope="col" style={{ width: '44%' }}>
              {t.list.detail}
            </th>
            <th scope="col">{t.list.event}</th>
            <th scope="col">{t.list.from}</th>
            <th scope="col">{t.list.state}</th>
            <th scope="col" className="n">
              {t.list.times}
            </th>
            <th scope="col" className="n">
              {t.list.latest}
            </th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => (
            <tr key={record.id}>
              {may && (
                <td>
                  <Checkbox className="above" aria-label={t.list.choose(record.event ?? t.list.record, dateTime(record.received))} checked={chosen.has(record.id) && sendable(record)} disabled={!sendable(record)} onChange={() => toggle(record.id)} />
                </td>
              )}
              <td>{reasonWord(record.reason)}</td>
              <td>
                <Link className="whole" to="/quarantine/record" search={{ id: record.id }}>
                  <bdi>{worded(record.detail)}</bdi>
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
              <th scope="col">{t.list.reason}</th>
              <th scope="col" style={{ width: '44%' }}>
                {t.list.detail}
              </th>
              <th scope="col">{t.list.event}</th>
              <th scope="col">{t.list.from}</th>
              <th scope="col" className="n">
                {t.list.count}
              </th>
              <th scope="col" className="n">
                {t.list.waiting}
              </th>
              <th scope="col" className="n">
                {t.list.latest}
              </th>
            </tr>
          </thead>
          <tbody>
            {groups.map((group) => (
              <tr key={group.ids[0]}>
                <td>{reasonWord(group.reason)}</td>
                <td>
                  <Link className="whole" to="/quarantine/record" search={{ id: group.ids[0]! }}>
                    <bdi>{worded(group.detail)}</bdi>
                  </Link>
                  {group.ids.length > 1 && (
                    <span className="above dim small samples">
                      {group.ids.slice(1).map((id, i) => (
                        <Link key={id} to="/quarantine/record" search={{ id }} aria-label={t.list.sampleOf(i + 2, worded(group.detail))}>
                          {t.list.sample(i + 2)}
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
      <p className="list-foot num">{t.list.alike(groups.length, groups.length === 100)}</p>
    </>
  )
}
