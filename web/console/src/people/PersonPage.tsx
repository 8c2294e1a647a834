import { useForgetFace, useMay, usePerson, usePersonalLink, useShops, type Consent, type Sensor, type ShopperDetail } from '@aisle/api'
import { ago, CopyId, dateTime, Empty, featureText, purposeWord, RawJson, sensorWord, span, useNow, worded } from '@aisle/ui'
import { Button, TextInput } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { modals } from '@mantine/modals'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Check, Copy, ExternalLink, Link2, X } from 'lucide-react'
import { AskFor } from '../privacy/AskFor'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { t as house } from '../words'
import { Timeline } from './Timeline'
import { WhoIsWho } from './WhoIsWho'
import { t } from './words'

const route = getRouteApi('/shell/people/$shopper')

/** What is known of one shopper, and what was decided for them. */
export default function PersonPage() {
  const { shopper } = route.useParams()
  const asked = usePerson(shopper)
  const person = asked.data
  return (
    <Page title={person ? (person.traits.name ?? t.unnamed(person.label)) : t.person.title} beside={person && <span className="tag">{person.label}</span>} note={<CopyId value={shopper} label={t.shopperId} />} actions={person && (
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
        <WhoIsWho shopper={person.shopper} name={person.traits.name} />
        <Timeline shopper={person.shopper} />
        <Features person={person} />
      </div>
      <aside>
        <Consents person={person} />
        <Identity person={person} />
        <Face person={person} />
        <section className="card block" aria-label={t.person.raw}>
          <RawJson value={person} label={t.person.json} />
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
      <section className="card block" aria-label={t.now.label}>
        <p className="dim">{t.now.notHere}
          {last && t.now.last(ago(last, now))}
        </p>
      </section>
    )
  }
  const shop = shops.data?.find(({ id }) => id === visit.shop)
  const zone = shop?.zones.find(({ id }) => id === visit.zone)
  const witnesses = Object.entries(visit.witnesses ?? {})
  return (
    <section className="card block" aria-label={t.now.label}>
      <div className="between">
        <h2>{t.now.in(shop?.name ?? visit.shop, visit.zone ? (zone?.name ?? visit.zone) : '')}</h2>
        <span className="dim small num">{t.now.seen(ago(visit.last_seen, now))}</span>
      </div>
      <dl className="facts num" style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(190px, 1fr))', columnGap: 32 }}>
        <div className="between">
          <dt>{t.now.inShopFor}</dt>
          <dd>{span(Math.max(0, now - Date.parse(visit.started)))}</dd>
        </div>
        {visit.zone_since && (
          <div className="between">
            <dt>{t.now.inZoneFor}</dt>
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
    <section className="card" aria-label={t.features.label}>
      <div className="card-head">
        <h2>{t.features.title}</h2>
        <Link to="/people/$shopper/features" params={{ shopper }}>
          {t.features.each}
        </Link>
      </div>
      {features.length === 0 ? (
        <Empty title={t.features.none}>{t.features.noneMore}</Empty>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t.features.feature}</th>
                <th scope="col">{t.features.value}</th>
                <th scope="col" className="n">
                  {t.features.newest}
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
                        <bdi className="dim small">{worded(doc)}</bdi>
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
    <section className="card block" aria-label={t.consents.label}>
      <h2>{t.consents.title}</h2>
      <ul className="stack" style={{ gap: 9 }}>
        {consents.map((consent) => (
          <li key={consent.purpose} className="row" style={{ alignItems: 'flex-start' }}>
            {consent.granted ? <Check size={14} color="var(--pos)" style={{ marginTop: 3, flex: 'none' }} aria-label={t.consents.yes} /> : <X size={14} color="var(--text-faint)" style={{ marginTop: 3, flex: 'none' }} aria-label={t.consents.no} />}
            <span>
              <span className={consent.granted ? 'strong' : 'dim'}>{purposeWord(consent.purpose)}</span>
              <br />
              <span className="dim small">{neverAsked(consent) ? t.consents.never : t.consents[consent.granted ? 'given' : 'refused'](dateTime(consent.at), consent.source)}</span>
            </span>
          </li>
        ))}
      </ul>
      <p className="dim small">{t.consents.note}</p>
    </section>
  )
}

function Identity({ person: { identifiers, traits, first } }: { person: ShopperDetail }) {
  const facts: [string, string | undefined][] = [
    [t.told.phone, traits.phone],
    [t.told.email, traits.email],
    [t.told.language, traits.locale],
    [t.told.timeZone, traits.time_zone],
    [t.told.tier, traits.tier],
    [t.told.birthday, traits.birthday],
    [t.told.address, [traits.street, traits.postcode, traits.city].filter(Boolean).join(', ')],
    [t.told.since, first && dateTime(first)],
  ]
  return (
    <section className="card block" aria-label={t.told.label}>
      <h2>{t.told.title}</h2>
      <dl className="facts">
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name} style={{ display: 'contents' }}>
                <dt>{name}</dt>
                <dd>
                  <bdi>{value}</bdi>
                </dd>
              </div>
            ),
        )}
      </dl>
      {identifiers.length === 0 && <p className="dim small">{t.told.none}</p>}
    </section>
  )
}

function Face({ person }: { person: ShopperDetail }) {
  const forget = useForgetFace()
  const may = useMay('admin', 'marketer', 'staff')
  const { enrolled, at, vectors } = person.face
  const ask = () =>
    modals.openConfirmModal({
      title: t.face.ask,
      children: <p className="dim">{t.face.askMore}</p>,
      labels: { confirm: t.face.doIt, cancel: house.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => void forget.mutateAsync(person.shopper).then(({ removed }) => done(t.face.done(removed)), failed),
    })
  return (
    <section className="card block" aria-label={t.face.title}>
      <h2>{t.face.title}</h2>
      <p className="dim small">{enrolled ? t.face.enrolled(at ? dateTime(at) : '', vectors ?? 0) : t.face.notEnrolled}</p>
      {enrolled && may && (
        <Button variant="default" color="red" onClick={ask} loading={forget.isPending}>
          {t.face.forget}
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
        modals.open({ title: t.link.title, children: <LinkShown link={new URL(link, location.href).href} until={until} /> }),
    })
  return (
    <Button variant="default" leftSection={<Link2 size={14} />} loading={make.isPending} onClick={ask}>
      {t.link.title}
    </Button>
  )
}

function LinkShown({ link, until }: { link: string; until: string }) {
  const clipboard = useClipboard({ timeout: 2_000 })
  return (
    <div className="stack">
      <p className="dim">{t.link.note(dateTime(until))}</p>
      <TextInput readOnly dir="ltr" value={link} aria-label={t.link.title} onFocus={({ currentTarget }) => currentTarget.select()} />
      <div className="row">
        <Button leftSection={clipboard.copied ? <Check size={14} /> : <Copy size={14} />} onClick={() => clipboard.copy(link)}>
          {clipboard.copied ? t.link.copied : t.link.copy}
        </Button>
        <Button component="a" href={link} target="_blank" rel="noreferrer" variant="default" leftSection={<ExternalLink size={14} />}>
          {t.link.open}
        </Button>
      </div>
    </div>
  )
}
