import { useFoundPeople, useMay, usePeople, type ShopperSummary } from '@aisle/api'
import { ago, count, Empty, plural, purposeWord, sensorWord, useNow } from '@aisle/ui'
import { Button, SegmentedControl, Switch, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Bell, Mail, MapPin, MessageSquare, ScanFace, Search, type LucideIcon } from 'lucide-react'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'
import { Alike } from './Alike'

const route = getRouteApi('/shell/people')

/** Shoppers as the house knows them, latest seen first, or those who may be one person. */
export default function PeoplePage() {
  const { show } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Page title="People" note="Shoppers as the house knows them, latest seen first. Nothing is used without their consent.">
      <section className="card" aria-label="List of people">
        <div className="list-head">
          <SegmentedControl
            aria-label="What is listed"
            data={[
              { value: 'all', label: 'Everybody' },
              { value: 'alike', label: 'Possibly the same' },
            ]}
            value={show ?? 'all'}
            onChange={(value) => void navigate({ search: value === 'alike' ? { show: 'alike' } : {}, replace: true })}
          />
          {show === undefined && <Filters />}
        </div>
        {show === 'alike' ? <Alike /> : <Everybody />}
      </section>
    </Page>
  )
}

function Filters() {
  const { q, here } = route.useSearch()
  const navigate = route.useNavigate()
  const named = useMay('staff')
  return (
    <span className="row" style={{ gap: 14 }}>
      <TextInput
        aria-label="Find a shopper"
        placeholder={named ? 'Name, phone, e-mail, number, device or id' : 'Four letters or id'}
        leftSection={<Search size={14} />}
        w={300}
        value={q ?? ''}
        onChange={({ currentTarget: { value } }) => void navigate({ search: (before) => ({ ...before, q: value || undefined }), replace: true })}
      />
      <Switch label="In a shop now" checked={here === true} onChange={({ currentTarget: { checked } }) => void navigate({ search: (before) => ({ ...before, here: checked || undefined }), replace: true })} />
    </span>
  )
}

function Everybody() {
  const { q = '', here } = route.useSearch()
  const [words] = useDebouncedValue(q.trim(), 200)
  const latest = usePeople()
  const found = useFoundPeople(words)
  return (
    <Loaded of={q.trim() === '' || words === '' ? latest : found} height={520}>
      {(people) => {
        const shown = here ? people.filter(({ shop }) => shop !== undefined) : people
        if (shown.length > 0) return <PeopleTable people={shown} all={people.length} />
        return q.trim() === '' && !here ? (
          <Empty title="Nobody yet" action={<LinkButton to="/sources" variant="default">Connect a source</LinkButton>}>
            Everybody who visits a connected web site, joins by the app or is located in a shop appears here.
          </Empty>
        ) : (
          <Nobody />
        )
      }}
    </Loaded>
  )
}

/** Nobody is found: what to try, as far as one's role may look. */
function Nobody() {
  const { q, here } = route.useSearch()
  const navigate = route.useNavigate()
  const [named, all] = [useMay('staff'), useMay('marketer')]
  return (
    <Empty title="Nobody matches" action={<Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>Show everybody</Button>}>
      {!q
        ? 'Nobody is in a shop now.'
        : all
          ? `Nobody${here ? ' in a shop now' : ''} has a name, number, address or device that begins like that. Who has not been here for long is found by all of it.`
          : named
            ? `Nobody${here ? ' in a shop now' : ''} is called like that. Phone numbers, e-mail addresses and customer numbers are found by all of them only.`
            : 'You may look for shoppers by their id or its last four letters. Staff may by name.'}
    </Empty>
  )
}

const marks: [purpose: ShopperSummary['consents'][number], Icon: LucideIcon][] = [
  ['push', Bell],
  ['sms', MessageSquare],
  ['email', Mail],
  ['search', Search],
  ['location', MapPin],
  ['face', ScanFace],
]

/** Which purposes a shopper agreed to: a sign each, dim where they did not. */
function ConsentMarks({ consents }: { consents: ShopperSummary['consents'] }) {
  const given = consents.map((purpose) => purposeWord(purpose)).join(', ')
  return (
    <Tooltip label={given || 'No consent given'}>
      <span className="row above" style={{ gap: 6, width: 'fit-content' }} role="img" aria-label={given ? `Consents: ${given}` : 'No consent given'}>
        {marks.map(([purpose, Icon]) => (
          <Icon key={purpose} size={14} strokeWidth={1.8} color={consents.includes(purpose) ? 'var(--pos)' : 'var(--line-strong)'} aria-hidden />
        ))}
      </span>
    </Tooltip>
  )
}

function PeopleTable({ people, all }: { people: ShopperSummary[]; all: number }) {
  const now = useNow(5_000)
  return (
    <>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Shopper</th>
              <th scope="col">Where</th>
              <th scope="col">Seen by</th>
              <th scope="col">Consents</th>
              <th scope="col" className="n">
                Offers, latest 40
              </th>
              <th scope="col" className="n">
                Redeemed
              </th>
              <th scope="col" className="n">
                Last seen
              </th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <tr key={person.shopper}>
                <td>
                  <span className="row" style={{ gap: 10 }}>
                    <span className="avatar" aria-hidden="true">
                      {(person.name ?? person.label).slice(0, 2)}
                    </span>
                    <span>
                      <Link className="whole" to="/people/$shopper" params={{ shopper: person.shopper }}>
                        {person.name ?? `Shopper ${person.label}`}
                      </Link>
                      <br />
                      <span className="dim small">
                        {person.name ? person.label : 'not named'}
                        {person.tier ? ` · ${person.tier}` : ''}
                      </span>
                    </span>
                  </span>
                </td>
                <td>{person.shop ? (person.zone_name ?? person.zone ?? 'In the shop') : <span className="dim">Not in a shop</span>}</td>
                <td className="dim">{person.senses?.map(sensorWord).join(', ') || '–'}</td>
                <td>
                  <ConsentMarks consents={person.consents} />
                </td>
                <td className="n">{count(person.offers)}</td>
                <td className="n">{count(person.redeemed)}</td>
                <td className="n">{ago(person.last, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="list-foot num">{people.length === all ? plural(all, 'shopper') : `${people.length} of ${plural(all, 'shopper')}`}, the latest seen</p>
    </>
  )
}
