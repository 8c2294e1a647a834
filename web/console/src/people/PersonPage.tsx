import { useForgetFace, useMay, usePerson, usePersonalLink, useShops, type Consent, type Sensor, type ShopperDetail } from '@aisle/api'
import { ago, CopyId, dateTime, Empty, featureText, plural, purposeWord, RawJson, sensorWord, span, useNow } from '@aisle/ui'
import { Button, TextInput } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { modals } from '@mantine/modals'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Check, Copy, ExternalLink, Link2, X } from 'lucide-react'
import { AskFor } from '../privacy/AskFor'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { Timeline } from './Timeline'
import { WhoIsWho } from './WhoIsWho'

const route = getRouteApi('/shell/people/$shopper')

/** What is known of one shopper, and what was decided for them. */
export default function PersonPage() {
  const { shopper } = route.useParams()
  const asked = usePerson(shopper)
  const person = asked.data
  return (
    <Page title={person ? (person.traits.name ?? `Shopper ${person.label}`) : 'Shopper'} beside={person && <span className="tag">{person.label}</span>} note={<CopyId value={shopper} label="shopper id" />} actions={person && (
          <>
            <AskFor shopper={person.shopper} />
            <PersonalLink person={person} />
          </>
        )}>
      <Loaded of={asked} height={640}>
        {(person) => <Known person={person} />}
      </Loaded>
    </Page>
  )
}

function Known({ person }: { person: ShopperDetail }) {
  return (
    <div className="two">
      <div className="stack" style={{ gap: 16 }}>
        <Now person={person} />
        <WhoIsWho shopper={person.shopper} name={person.traits.name ?? `Shopper ${person.label}`} />
        <Timeline shopper={person.shopper} />
        <Features person={person} />
      </div>
      <aside>
        <Consents person={person} />
        <Identity person={person} />
        <Face person={person} />
        <section className="card block" aria-label="Raw">
          <RawJson value={person} label="Shopper as JSON" />
        </section>
      </aside>
    </div>
  )
}

function Now({ person: { visit, last } }: { person: ShopperDetail }) {
  const shops = useShops()
  const now = useNow()
  if (!visit) {
    return (
      <section className="card block" aria-label="Now">
        <p className="dim">Not in a shop now.{last ? ` Last heard of ${ago(last, now)}.` : ''}</p>
      </section>
    )
  }
  const shop = shops.data?.find(({ id }) => id === visit.shop)
  const zone = shop?.zones.find(({ id }) => id === visit.zone)
  const witnesses = Object.entries(visit.witnesses ?? {})
  return (
    <section className="card block" aria-label="Now">
      <div className="between">
        <h2>
          In {shop?.name ?? visit.shop}
          {visit.zone ? `, ${zone?.name ?? visit.zone}` : ''}
        </h2>
        <span className="dim small num">seen {ago(visit.last_seen, now)}</span>
      </div>
      <dl className="facts num" style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(190px, 1fr))', columnGap: 32 }}>
        <div className="between">
          <dt>In the shop for</dt>
          <dd>{span(Math.max(0, now - Date.parse(visit.started)))}</dd>
        </div>
        {visit.zone_since && (
          <div className="between">
            <dt>In this zone for</dt>
            <dd>{span(Math.max(0, now - Date.parse(visit.zone_since)))}</dd>
          </div>
        )}
        {witnesses.map(([sense, at]) => (
          <div className="between" key={sense}>
            <dt>{sensorWord(sense as Sensor)}</dt>
            <dd>{ago(at, now)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Features({ person: { shopper, features } }: { person: ShopperDetail }) {
  const now = useNow(10_000)
  return (
    <section className="card" aria-label="Features">
      <div className="card-head">
        <h2>What is known, now</h2>
        <Link to="/people/$shopper/features" params={{ shopper }}>
          Each with its time, source and groups
        </Link>
      </div>
      {features.length === 0 ? (
        <Empty title="Nothing yet">What they search for, look at, buy and visit is counted here, for as long as each feature remembers.</Empty>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Feature</th>
                <th scope="col">Value</th>
                <th scope="col" className="n">
                  Newest event in it
                </th>
              </tr>
            </thead>
            <tbody>
              {features.map(({ name, value, doc, at }) => (
                <tr key={name}>
                  <td>
                    <code>{name}</code>
                    {doc && (
                      <>
                        <br />
                        <span className="dim small">{doc}</span>
                      </>
                    )}
                  </td>
                  <td className="num strong" style={{ overflowWrap: 'anywhere' }}>
                    {featureText(value)}
                  </td>
                  <td className="n dim">{at ? ago(at, now) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

const neverAsked = (consent: Consent) => Date.parse(consent.at) < 0 // year 1

function Consents({ person: { consents } }: { person: ShopperDetail }) {
  return (
    <section className="card block" aria-label="Consents">
      <h2>Consents, now</h2>
      <ul className="stack" style={{ gap: 9 }}>
        {consents.map((consent) => (
          <li key={consent.purpose} className="row" style={{ alignItems: 'flex-start' }}>
            {consent.granted ? <Check size={14} color="var(--pos)" style={{ marginTop: 3, flex: 'none' }} aria-label="Yes" /> : <X size={14} color="var(--text-faint)" style={{ marginTop: 3, flex: 'none' }} aria-label="No" />}
            <span>
              <span className={consent.granted ? 'strong' : 'dim'}>{purposeWord(consent.purpose)}</span>
              <br />
              <span className="dim small">{neverAsked(consent) ? 'Never answered: counts as no' : `${consent.granted ? 'Given' : 'Refused'} ${dateTime(consent.at)}, ${consent.source}`}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className="dim small">Only the shopper changes these, in their app or by answering STOP.</p>
    </section>
  )
}

function Identity({ person: { identifiers, traits, first } }: { person: ShopperDetail }) {
  const facts: [string, string | undefined][] = [
    ['Phone', traits.phone],
    ['E-mail', traits.email],
    ['Language', traits.locale],
    ['Time zone', traits.time_zone],
    ['Tier', traits.tier],
    ['Birthday', traits.birthday],
    ['Address', [traits.street, traits.postcode, traits.city].filter(Boolean).join(', ')],
    ['Known since', first && dateTime(first)],
  ]
  return (
    <section className="card block" aria-label="Told">
      <h2>What they told</h2>
      <dl className="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name} style={{ display: 'contents' }}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
      {identifiers.length === 0 && <p className="dim small">No identifier: seen, but not known by any name.</p>}
    </section>
  )
}

function Face({ person }: { person: ShopperDetail }) {
  const forget = useForgetFace()
  const may = useMay('admin', 'marketer', 'staff')
  const { enrolled, at, vectors } = person.face
  const ask = () =>
    modals.openConfirmModal({
      title: 'Forget this face?',
      children: <p className="dim">The cameras no longer recognise this shopper, and the consent is withdrawn. Only the shopper can give it again.</p>,
      labels: { confirm: 'Forget it', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => forget.mutate(person.shopper, { onSuccess: ({ removed }) => done(`The face is forgotten: ${plural(removed, 'vector')} removed.`), onError: failed }),
    })
  return (
    <section className="card block" aria-label="Face">
      <h2>Face</h2>
      <p className="dim small">{enrolled ? `Enrolled${at ? ` ${dateTime(at)}` : ''}${vectors ? ` as ${plural(vectors, 'sealed vector')}` : ''}. No picture is kept.` : 'Not enrolled: the cameras only count this shopper.'}</p>
      {enrolled && may && (
        <Button variant="default" color="red" onClick={ask} loading={forget.isPending}>
          Forget the face
        </Button>
      )}
    </section>
  )
}

/** A link that opens the shopper's own app: shown once asked for, copied in a click. */
function PersonalLink({ person }: { person: ShopperDetail }) {
  const make = usePersonalLink()
  const may = useMay('admin', 'marketer')
  if (!may) return null
  const ask = () =>
    make.mutate(person.shopper, {
      onError: failed,
      onSuccess: ({ link, until }) =>
        modals.open({ title: 'Personal link', children: <LinkShown link={new URL(link, location.href).href} until={until} /> }),
    })
  return (
    <Button variant="default" leftSection={<Link2 size={14} />} loading={make.isPending} onClick={ask}>
      Personal link
    </Button>
  )
}

function LinkShown({ link, until }: { link: string; until: string }) {
  const clipboard = useClipboard({ timeout: 2_000 })
  return (
    <div className="stack">
      <p className="dim">Whoever opens this link is this shopper in the app, until {dateTime(until)}. Give it to nobody else.</p>
      <TextInput readOnly value={link} aria-label="Personal link" onFocus={({ currentTarget }) => currentTarget.select()} />
      <div className="row">
        <Button leftSection={clipboard.copied ? <Check size={14} /> : <Copy size={14} />} onClick={() => clipboard.copy(link)}>
          {clipboard.copied ? 'Copied' : 'Copy the link'}
        </Button>
        <Button component="a" href={link} target="_blank" rel="noreferrer" variant="default" leftSection={<ExternalLink size={14} />}>
          Open the app
        </Button>
      </div>
    </div>
  )
}
