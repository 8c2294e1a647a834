import { useFoundPeople, useMay, usePeople, type ShopperSummary } from '@aisle/api'
import { ago, count, Empty, purposeWord, sensorWord, useNow } from '@aisle/ui'
import { Button, SegmentedControl, Switch, TextInput, Tooltip } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Bell, Mail, MapPin, MessageSquare, ScanFace, Search, type LucideIcon } from 'lucide-react'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'
import { Alike } from './Alike'
import { t } from './words'

const route = getRouteApi('/shell/people')

/** Shoppers as the house knows them, latest seen first, or those who may be one person. */
export default function PeoplePage() {
  const { show } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Page title={t.list.title} note={t.list.note}>
      <section className="card" aria-label={t.list.label}>
        <div className="list-head">
          <SegmentedControl
            aria-label={t.list.listed}
            data={[
              { value: 'all', label: t.list.everybody },
              { value: 'alike', label: t.list.alike },
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
        aria-label={t.list.find}
        placeholder={named ? t.list.findNamed : t.list.findUnnamed}
        leftSection={<Search size={14} />}
        w={300}
        value={q ?? ''}
        onChange={({ currentTarget: { value } }) => void navigate({ search: (before) => ({ ...before, q: value || undefined }), replace: true })}
      />
      <Switch label={t.list.here} checked={here === true} onChange={({ currentTarget: { checked } }) => void navigate({ search: (before) => ({ ...before, here: checked || undefined }), replace: true })} />
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
          <Empty title={t.list.none} action={<LinkButton to="/sources" variant="default">{t.list.connect}</LinkButton>}>
            {t.list.noneMore}
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
    <Empty title={t.list.noMatch} action={<Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>{t.list.showAll}</Button>}>
      {!q ? t.list.nobodyHere : all ? t.list.noMatchAll(here === true) : named ? t.list.noMatchNamed(here === true) : t.list.noMatchUnnamed}
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
  const given = consents.map((purpose) => purposeWord(purpose)).join(t.comma)
  return (
    <Tooltip label={given || t.list.noConsent}>
      <span className="row above" style={{ gap: 6, width: 'fit-content' }} role="img" aria-label={given ? t.list.consentsGiven(given) : t.list.noConsent}>
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
              <th scope="col">{t.list.shopper}</th>
              <th scope="col">{t.list.where}</th>
              <th scope="col">{t.list.seenBy}</th>
              <th scope="col">{t.list.consents}</th>
              <th scope="col" className="n">
                {t.list.offers}
              </th>
              <th scope="col" className="n">
                {t.list.redeemed}
              </th>
              <th scope="col" className="n">
                {t.list.lastSeen}
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
                        {person.name ?? t.unnamed(person.label)}
                      </Link>
                      <br />
                      <span className="dim small">
                        {person.name ? person.label : t.list.notNamed}
                        {person.tier ? ` · ${person.tier}` : ''}
                      </span>
                    </span>
                  </span>
                </td>
                <td>{person.shop ? (person.zone_name ?? person.zone ?? t.list.inShop) : <span className="dim">{t.list.notInShop}</span>}</td>
                <td className="dim">{person.senses?.map(sensorWord).join(t.comma) || '–'}</td>
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
      <p className="list-foot num">{t.list.latest(people.length, all)}</p>
    </>
  )
}
