import './shops.css'
import { useShopHealth, type Shop, type ShopHealth, type ZoneHealth } from '@aisle/api'
import { ago, Empty, healthState, plural, rounded, Status, toPixels, useNow, type State, type View } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useState } from 'react'
import { Loaded } from '../Page'
import { PlanSurface } from './PlanSurface'
import { isInside } from './polygon'

/** How well the shop hears and locates: zones that hold their offers back, and which receiver to mend. */
export function HealthPanel({ shop }: { shop: Shop }) {
  const asked = useShopHealth(shop.id)
  return (
    <Loaded of={asked} height={520}>
      {(health) => <Health shop={shop} health={health} />}
    </Loaded>
  )
}

const held: State = { word: 'Offers held back', tone: 'bad' }
const good: State = { word: 'Located well', tone: 'good' }
const waiting: State = { word: 'Measuring', tone: 'info' }
const none: State = { word: 'Not measured', tone: 'none' }
const stale: State = { word: 'Out of date', tone: 'warn' }
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
            <strong>{nameOf(zone.zone)}: offers by place are held back.</strong> {sentence(zone.why ?? 'It is located badly')}
            {zone.mend && (
              <>
                {' '}
                Mend <span className="mono">{zone.mend}</span> first{zone.what ? `: ${zone.what}.` : '.'}
              </>
            )}
          </p>
        </div>
      ))}
      {floor && (
        <section className="card" aria-label="Health on the plan">
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
            <PlanSurface shop={shop} floor={floor} label={`${floor.name}: receivers and zones by their health`} health={devices}>
              {(view) => <Marks shop={shop} floor={floor.id} view={view} held={heldBack} />}
            </PlanSurface>
          </div>
        </section>
      )}
      <section className="card" aria-label="Zones">
        <div className="card-head">
          <h2>Zones: how far off positions are</h2>
          <span className="dim num">{health.measured ? `by canary tags, ${ago(health.measured, now)}` : 'by canary tags'}</span>
        </div>
        {shop.zones.length === 0 ? (
          <Empty title="No zone yet">Draw zones on the plan first.</Empty>
        ) : (
          <div className="scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Zone</th>
                  <th scope="col">State</th>
                  <th scope="col" className="n">
                    Half are within
                  </th>
                  <th scope="col" className="n">
                    19 of 20 within
                  </th>
                  <th scope="col" className="n">
                    Half its width
                  </th>
                  <th scope="col" className="n">
                    Measured
                  </th>
                  <th scope="col">What to do</th>
                </tr>
              </thead>
              <tbody>
                {shop.zones.toSorted((a, b) => rank(of(a.id)) - rank(of(b.id))).map((zone) => {
                  const it = of(zone.id)
                  const state = stateOf(it, fresh)
                  const known = it && it.errors > 0
                  return (
                    <tr key={zone.id}>
                      <td className="strong">{zone.name}</td>
                      <td>
                        <Status state={state} />
                      </td>
                      <td className="n">{known ? `${it.p50_m.toFixed(1)} m` : '–'}</td>
                      <td className="n" style={known && it.p95_m > it.width_m / 2 ? { color: 'var(--neg)', fontWeight: 500 } : undefined}>
                        {known ? `${it.p95_m.toFixed(1)} m` : '–'}
                      </td>
                      <td className="n">{it ? `${(it.width_m / 2).toFixed(1)} m` : '–'}</td>
                      <td className="n">{it ? `${it.errors}, ${plural(it.canaries, 'tag')}` : '–'}</td>
                      <td className="dim small">
                        {it?.held && it.mend ? (
                          <>
                            Mend <span className="mono">{it.mend}</span>
                            {it.what && `: ${it.what}`}
                          </>
                        ) : it?.why ? (
                          sentence(it.why)
                        ) : it ? (
                          ''
                        ) : canary(zone.id) ? (
                          'Its canary tag was not heard of yet.'
                        ) : (
                          'Fix a tag there and put it on the plan as a canary tag.'
                        )}
                      </td>
                    </tr>
                  )
                })}
              </tbody>
            </table>
          </div>
        )}
        <p className="list-foot">Where one position in twenty is farther off than half of the zone is wide, offers that go by place are held back there until it is mended.</p>
      </section>
      <section className="card" aria-label="Devices">
        <div className="card-head">
          <h2>Receivers and cameras{lost.length > 0 ? `: ${lost.length} lost` : ''}</h2>
          <span className="dim">quiet: nothing for 30 s; lost: nothing for a minute</span>
        </div>
        {health.devices.length === 0 ? (
          <Empty title="No receiver and no camera yet">Put them on the plan, with the ids by which they call themselves.</Empty>
        ) : (
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Device</th>
                <th scope="col">Kind</th>
                <th scope="col">State</th>
                <th scope="col" className="n">
                  Packets a second
                </th>
                <th scope="col" className="n">
                  Clock ahead
                </th>
                <th scope="col">Firmware</th>
                <th scope="col" className="n">
                  Last heard
                </th>
              </tr>
            </thead>
            <tbody>
              {health.devices.map(({ id, kind, health, last, packets_per_s, ahead_ms, status, firmware }) => (
                <tr key={`${kind} ${id}`}>
                  <td className="mono">{id}</td>
                  <td>{kind === 'camera' ? 'Camera' : 'Receiver'}</td>
                  <td>
                    <Status state={healthState(health)} />
                    {status === 'offline' && <span className="dim"> said goodbye</span>}
                  </td>
                  <td className="n">{packets_per_s == null ? '–' : packets_per_s.toFixed(1)}</td>
                  <td className="n">{ahead_ms ? `${(ahead_ms / 1000).toFixed(1)} s` : '–'}</td>
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

const sentence = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`

function Marks({ shop, floor, view, held }: { shop: Shop; floor: string; view: View; held: ZoneHealth[] }) {
  const zones = shop.zones.filter((zone) => zone.floor === floor && zone.polygon.length > 2 && held.some((it) => it.zone === zone.id))
  const mend = shop.receivers.filter((receiver) => receiver.floor === floor && held.some((it) => it.mend === receiver.id))
  return (
    <svg data-ground role="img" aria-label={held.length > 0 ? `Held back: ${zones.map(({ name }) => name).join(', ')}` : 'No zone is held back'}>
      {zones.map((zone) => (
        <path key={zone.id} className="held" d={rounded(zone.polygon.map((point) => toPixels(view, point)), 5)} />
      ))}
      {mend.map(({ id, at }) => {
        const { x, y } = toPixels(view, at)
        return (
          <g key={id}>
            <circle className="mend" cx={x} cy={y} r="14" />
            <text className="plan-text" x={x + 18} y={y + 4}>
              Mend {id}
            </text>
          </g>
        )
      })}
    </svg>
  )
}
