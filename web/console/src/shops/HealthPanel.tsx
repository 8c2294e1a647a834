import './shops.css'
import { sentence, useShopHealth, type Shop, type ShopHealth, type ZoneHealth } from '@aisle/api'
import { ago, Empty, fixed, healthState, rounded, Status, toPixels, useNow, worded, type State, type View } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { Loaded } from '../Page'
import { PlanSurface } from './PlanSurface'
import { isInside } from './polygon'
import { t } from './words'

/** How well the shop hears and locates: zones that hold their offers back, and which receiver to mend. */
export function HealthPanel({ shop }: { shop: Shop }) {
  const asked = useShopHealth(shop.id)
  return (
    <Loaded of={asked} height={520}>
      {(health) => <Health shop={shop} health={health} />}
    </Loaded>
  )
}

const held: State = { word: t.health.held, tone: 'bad' }
const good: State = { word: t.health.good, tone: 'good' }
const waiting: State = { word: t.health.waiting, tone: 'info' }
const none: State = { word: t.health.none, tone: 'none' }
const stale: State = { word: t.health.stale, tone: 'warn' }
const old = 120_000 // ms

function stateOf(zone: ZoneHealth | undefined, fresh: boolean): State {
  if (!zone) return none
  if (!fresh) return stale
  if (zone.held) return held
  return zone.why ? waiting : good
}

/** What needs somebody comes first. */
const rank = (zone: ZoneHealth | undefined) => (!zone ? 3 : zone.held ? 0 : zone.why ? 1 : 2)

function Health({ shop, health }: { shop: Shop; health: ShopHealth }) {
  const now = useNow(5_000)
  const [floorID, setFloor] = useState<string>()
  const floor = shop.floors.find(({ id }) => id === floorID) ?? shop.floors[0]
  const devices = new Map(health.devices.map((device) => [device.id, device]))
  const of = (id: string) => health.zones.find((it) => it.zone === id)
  const fresh = health.measured !== undefined && now - Date.parse(health.measured) < old
  const heldBack = fresh ? health.zones.filter((it) => it.held) : []
  const nameOf = (id: string) => shop.zones.find((it) => it.id === id)?.name ?? id
  const canary = (id: string) => {
    const zone = shop.zones.find((it) => it.id === id)
    return zone && (shop.canaries ?? []).some((it) => it.floor === zone.floor && isInside(zone.polygon, it.at))
  }
  const lost = health.devices.filter((it) => it.health === 'lost')

  return (
    <div className="stack" style={{ gap: 16 }}>
      {heldBack.map((zone) => (
        <div key={zone.zone} className="problem" role="status">
          <p>
            <strong>{t.health.heldBack(nameOf(zone.zone))}</strong> {reason(zone)}
            {zone.mend && <> {t.health.mendFirst(<Device key="device" id={zone.mend} />, zone.what && worded(zone.what))}</>}
          </p>
        </div>
      ))}
      {floor && (
        <section className="card" aria-label={t.health.plan}>
          {shop.floors.length > 1 && (
            <div className="editor-bar floor-tabs">
              {shop.floors.map(({ id, name }) => (
                <Button key={id} size="compact-sm" variant={id === floor.id ? 'light' : 'subtle'} color={id === floor.id ? 'iris' : 'gray'} aria-pressed={id === floor.id} onClick={() => setFloor(id)}>
                  {name}
                </Button>
              ))}
            </div>
          )}
          <div className="editor-plan">
            <PlanSurface shop={shop} floor={floor} label={t.health.planOf(floor.name)} health={devices}>
              {(view) => <Marks shop={shop} floor={floor.id} view={view} held={heldBack} />}
            </PlanSurface>
          </div>
        </section>
      )}
      <section className="card" aria-label={t.health.zones}>
        <div className="card-head">
          <h2>{t.health.zonesTitle}</h2>
          <span className="dim num">{health.measured ? t.health.byTagsAt(ago(health.measured, now)) : t.health.byTags}</span>
        </div>
        {shop.zones.length === 0 ? (
          <Empty title={t.health.noZone}>{t.health.noZoneMore}</Empty>
        ) : (
          <div className="scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t.health.zone}</th>
                  <th scope="col">{t.health.state}</th>
                  <th scope="col" className="n">
                    {t.health.half}
                  </th>
                  <th scope="col" className="n">
                    {t.health.most}
                  </th>
                  <th scope="col" className="n">
                    {t.health.halfWidth}
                  </th>
                  <th scope="col" className="n">
                    {t.health.measured}
                  </th>
                  <th scope="col">{t.health.todo}</th>
                </tr>
              </thead>
              <tbody>
                {shop.zones.toSorted((a, b) => rank(of(a.id)) - rank(of(b.id))).map((zone) => {
                  const it = of(zone.id)
                  const state = stateOf(it, fresh)
                  const known = it && it.errors > 0
                  return (
                    <tr key={zone.id}>
                      <td className="strong"><bdi>{zone.name}</bdi></td>
                      <td>
                        <Status state={state} />
                      </td>
                      <td className="n">{known ? t.unit.m(fixed(it.p50_m, 1)) : '–'}</td>
                      <td className="n" style={known && it.p95_m > it.width_m / 2 ? { color: 'var(--neg)', fontWeight: 500 } : undefined}>
                        {known ? t.unit.m(fixed(it.p95_m, 1)) : '–'}
                      </td>
                      <td className="n">{it ? t.unit.m(fixed(it.width_m / 2, 1)) : '–'}</td>
                      <td className="n">{it ? t.health.tags(it.errors, it.canaries) : '–'}</td>
                      <td className="dim small">
                        {it?.held && it.mend ? (
                          t.health.mend(<Device key="device" id={it.mend} />, it.what && worded(it.what))
                        ) : it?.why ? (
                          reason(it)
                        ) : it ? (
                          ''
                        ) : canary(zone.id) ? (
                          t.health.notHeard
                        ) : (
                          t.health.noTag
                        )}
                      </td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        )}
        <p className="list-foot">{t.health.rule}</p>
      </section>
      <section className="card" aria-label={t.health.devices}>
        <div className="card-head">
          <h2>{lost.length > 0 ? t.health.devicesLost(lost.length) : t.health.devicesTitle}</h2>
          <span className="dim">{t.health.devicesNote}</span>
        </div>
        {health.devices.length === 0 ? (
          <Empty title={t.health.noDevice}>{t.health.noDeviceMore}</Empty>
        ) : (
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t.health.device}</th>
                <th scope="col">{t.health.kind}</th>
                <th scope="col">{t.health.state}</th>
                <th scope="col" className="n">
                  {t.health.packets}
                </th>
                <th scope="col" className="n">
                  {t.health.ahead}
                </th>
                <th scope="col">{t.health.firmware}</th>
                <th scope="col" className="n">
                  {t.health.heard}
                </th>
              </tr>
            </thead>
            <tbody>
              {health.devices.map(({ id, kind, health, last, packets_per_s, ahead_ms, status, firmware }) => (
                <tr key={`${kind} ${id}`}>
                  <td className="mono">{id}</td>
                  <td>{t.kinds[kind === 'camera' ? 'camera' : 'receiver']}</td>
                  <td>
                    <Status state={healthState(health)} />
                    {status === 'offline' && <span className="dim"> {t.health.goodbye}</span>}
                  </td>
                  <td className="n">{packets_per_s == null ? '–' : fixed(packets_per_s, 1)}</td>
                  <td className="n">{ahead_ms ? t.unit.s(fixed(ahead_ms / 1000, 1)) : '–'}</td>
                  <td className="dim">{firmware ?? '–'}</td>
                  <td className="n">{last && health !== 'unknown' ? ago(last, now) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
    </div>
  )
}

const Device = ({ id }: { id: string }) => <bdi className="mono">{id}</bdi>

/** Why offers are held back in a zone, or not judged yet. */
function reason({ held, errors, wrong_floor, p95_m, width_m, why = '' }: ZoneHealth): string {
  if (!held) return t.health.tooFew(errors, sentence(why))
  if (errors === 0) return t.health.deaf
  return wrong_floor > 0.05 ? t.health.wrongFloor(Math.round(100 * wrong_floor)) : t.health.tooFar(fixed(p95_m, 1), fixed(width_m, 1))
}

function Marks({ shop, floor, view, held }: { shop: Shop; floor: string; view: View; held: ZoneHealth[] }) {
  const zones = shop.zones.filter((zone) => zone.floor === floor && zone.polygon.length > 2 && held.some((it) => it.zone === zone.id))
  const mend = shop.receivers.filter((receiver) => receiver.floor === floor && held.some((it) => it.mend === receiver.id))
  return (
    <svg data-ground role="img" aria-label={held.length > 0 ? t.health.heldZones(t.list(zones.map(({ name }) => name))) : t.health.noneHeld}>
      {zones.map((zone) => (
        <path key={zone.id} className="held" d={rounded(zone.polygon.map((point) => toPixels(view, point)), 5)} />
      ))}
      {mend.map(({ id, at }) => {
        const { x, y } = toPixels(view, at)
        return (
          <g key={id}>
            <circle className="mend" cx={x} cy={y} r="14" />
            <text className="plan-text" x={x + 18} y={y + 4}>
              {t.health.mendThis(id)}
            </text>
          </g>
        )
      })}
    </svg>
  )
}
