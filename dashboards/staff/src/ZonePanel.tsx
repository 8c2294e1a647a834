import { useLive } from '@aisle/api'
import { capacity, count, percent, Skeleton, span, Spark, Status, zoneKindWord } from '@aisle/ui'
import { ActionIcon } from '@mantine/core'
import { X } from 'lucide-react'
import { useRef } from 'react'
import { busiest } from './busiest'
import { membersIn, presence } from './presence'
import { t } from './words'

const busyFrom = 0.8

/** One zone: how full, how long people stay, what they are offered. While none is chosen, the busiest. */
export function ZonePanel({ chosen, onZone, onWho }: { chosen: string | undefined; onZone: (zone: string | undefined) => void; onWho: ((shopper: string) => void) | undefined }) {
  const shop = useLive((live) => live.shop)
  const zones = useLive((live) => live.kpis?.zones)
  const replayed = useLive((live) => live.replayed !== undefined)
  const following = useRef<string>(undefined)
  if (shop && zones) following.current = busiest(shop.zones, zones, following.current)
  const id = chosen ?? following.current
  const now = useLive((live) => live.kpis?.zones.find(({ zone }) => zone === id))
  const zone = shop?.zones.find((zone) => zone.id === id)
  const hint = `${t.zone.busiest} ${t.zone.keep}`
  if (!zone && chosen === undefined) {
    return (
      <aside className="zone" aria-label={t.zone.label}>
        <Skeleton height={20} width="60%" />
        <p className="dim small">{hint}</p>
        <Skeleton height={96} />
      </aside>
    )
  }
  if (!zone) {
    return (
      <aside className="zone" aria-label={t.zone.label}>
        <div className="zone-none">
          <h3>{t.zone.none}</h3>
          <p className="dim small">{t.zone.noneYet}</p>
        </div>
      </aside>
    )
  }
  const holds = capacity(zone)
  const people = now?.people ?? 0
  const share = people / holds
  const best = now?.best_offer
  const today: [string, string][] = [
    [t.zone.today, now?.sent_today === undefined ? '–' : count(now.sent_today)],
    [t.zone.redeemed, now?.sent_today ? `${count(now.redeemed)} · ${percent(now.redeemed / now.sent_today, 0)}` : count(now?.redeemed ?? 0)],
  ]
  const facts: [string, string][] = [
    [t.zone.stay, now?.average_dwell_s ? span(now.average_dwell_s * 1_000) : '–'],
    [t.zone.optedIn, count(now?.opted_in ?? 0)],
    [t.zone.offers, count(now?.offers ?? 0)],
    ...(replayed ? [] : today), // a replay knows two hours of what came of offers, not the day
  ]
  return (
    // It scrolls where many are there; the keyboard must reach it then.
    // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <aside className="zone" aria-label={t.zone.named(zone.name)} tabIndex={0}>
      <div className="between">
        <h2 className="cut">{zone.name}</h2>
        <span className="row">
          <Status state={share >= busyFrom ? { word: t.zone.busy, tone: 'warn' } : people === 0 ? { word: t.zone.empty, tone: 'none' } : { word: t.zone.normal, tone: 'good' }} />
          {chosen && (
            <ActionIcon size="sm" aria-label={t.zone.follow} onClick={() => onZone(undefined)}>
              <X size={14} />
            </ActionIcon>
          )}
        </span>
      </div>
      {!chosen && <p className="dim small">{people > 0 ? hint : t.zone.keep}</p>}
      <p className="num">
        <span className="big">{count(people)}</span> <span className="dim">{t.zone.of(holds)}</span>
      </p>
      <Spark values={now?.history ?? []} width={204} height={36} color="var(--ch-3)" />
      <p className="between faint zone-ends">
        <span>{t.zone.ago}</span>
        <span>{t.zone.now}</span>
      </p>
      <dl className="facts num">
        {facts.map(([name, value]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {zone.kind !== 'quiet' && <Members zone={zone.id} onWho={onWho} />}
      {replayed ? null : best ? (
        <div className="best">
          <p className="dim">{t.zone.best}</p>
          <p className="strong" dir="auto">{best.title}</p>
          <p className="dim num">
            {t.zone.bestOf(best.sent, best.redeemed)}
          </p>
        </div>
      ) : (
        <div className="best">
          <p className="dim">{zone.kind === 'quiet' ? zoneKindWord('quiet') : t.zone.noOffer}</p>
        </div>
      )}
    </aside>
  )
}

const shown = 4

/** Who in the zone opted in: by name where two witnesses agree, else whom to ask. */
function Members({ zone, onWho }: { zone: string; onWho: ((shopper: string) => void) | undefined }) {
  const replayed = useLive((live) => live.replayed !== undefined)
  const people = useLive((live) => live.people)
  const members = membersIn(people, zone)
  return (
    <section className="members" aria-label={t.zone.members}>
      <h3>{t.zone.members}</h3>
      {members.length === 0 && <p className="dim">{t.zone.nobody}</p>}
      <ul>
        {members.slice(0, shown).map((person) => {
          const { who, says, tone, seen } = presence(person)
          return (
            <li key={person.key}>
              {onWho && !replayed && person.shopper !== undefined ? (
                <button type="button" className="who strong cut" onClick={() => onWho(person.shopper!)}>
                  {who}
                </button>
              ) : (
                <span className="strong cut">{who}</span>
              )}
              <span className="status" data-tone={tone}>
                {says}
              </span>
              <span className="dim num">{seen}</span>
            </li>
          )
        })}
      </ul>
      {members.length > shown && <p className="faint">{t.zone.more(members.length - shown)}</p>}
    </section>
  )
}
