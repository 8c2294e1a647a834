import { useLive, useMay, type DeviceHealth, type LivePerson, type LiveZone, type Shop } from '@aisle/api'
import { capacity, Empty, FloorPlan, PeopleLayer, Skeleton, spoken, type View, type ZoneNow } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useMemo, useRef, useState, type RefObject } from 'react'
import { over } from './busiest'
import { Choice } from './Choice'
import { PeopleKeys } from './PeopleKeys'
import { nearest } from './presence'
import { t } from './words'
import { ZonePanel } from './ZonePanel'

interface ShopFloorProps {
  zone: string | undefined
  onZone: (zone: string | undefined) => void
  /** Shows the card of somebody who opted in; absent for who may not see it. */
  onWho: ((shopper: string) => void) | undefined
}

/** The plan of the shop with everybody in it, and what there is to know of one zone. */
export function ShopFloor({ zone, onZone, onWho }: ShopFloorProps) {
  const shop = useLive((live) => live.shop)
  const [floorID, setFloor] = useState<string>()
  const [minutes, setMinutes] = useState(0)
  const floor = shop?.floors.find(({ id }) => id === floorID) ?? shop?.floors[0]
  const undrawn = shop && (!floor || shop.zones.length === 0)
  return (
    <section className="card floor" aria-label={t.floor.title}>
      <div className="card-head">
        {shop && shop.floors.length > 1 ? (
          <Choice label={t.floor.floor} chosen={floor?.id ?? ''} onChoose={setFloor} choices={shop.floors.map(({ id, name }) => [id, name])} />
        ) : (
          <h2>{floor?.name ?? t.floor.floor}</h2>
        )}
        {shop && !undrawn && <Devices />}
        {!undrawn && <Heat minutes={minutes} onChange={setMinutes} />}
      </div>
      <div className="floor-body">
        <div className="floor-plan">
          {!shop ? (
            <Skeleton height="100%" style={{ borderRadius: 10 }} />
          ) : !floor ? (
            <ToDraw shop={shop} title={t.floor.noFloor} what={t.floor.drawFloor}>{t.floor.noFloorYet}</ToDraw>
          ) : shop.zones.length === 0 ? (
            <ToDraw shop={shop} title={t.floor.noZones} what={t.floor.drawZones}>{t.floor.noZonesYet}</ToDraw>
          ) : (
            <>
              <Plan key={shop.id} shop={shop} floor={floor} zone={zone} minutes={minutes} onZone={onZone} onWho={onWho} />
              <Legend />
            </>
          )}
        </div>
        {!undrawn && <ZonePanel chosen={zone} onZone={onZone} onWho={onWho} />}
      </div>
    </section>
  )
}

/** What the warm grounds mean, and over how many minutes they count; 0 is now. */
const Heat = ({ minutes, onChange }: { minutes: number; onChange: (minutes: number) => void }) => (
  <div className="row">
    <span className="legend">
      {t.floor.quiet} <i className="ramp" /> {t.floor.busy}
    </span>
    <Choice label={t.floor.heat} chosen={minutes} onChoose={onChange} choices={[0, 10, 30].map((choice) => [choice, choice === 0 ? t.floor.now : t.floor.minutes(choice)])} />
  </div>
)

const Legend = () => (
  <ul className="legend" aria-label={t.floor.legend}>
    {(['known', 'possible', 'lent', 'anonymous', 'pushed'] as const).map((kind) => (
      <li key={kind}>
        <i className="dot" data-kind={kind} />
        {t.floor[kind]}
      </li>
    ))}
  </ul>
)

/** Which shape is what, and which colour says that it is not well. */
const Devices = () => (
  <ul className="legend floor-devices" aria-label={t.floor.devices}>
    {(['camera', 'receiver'] as const).map((kind) => (
      <li key={kind}>
        <i className="device" data-kind={kind} />
        {t.floor[kind]}
      </li>
    ))}
    {(['quiet', 'lost', 'unknown'] as const).map((health) => (
      <li key={health}>
        <i className="device" data-health={health} />
        {spoken.health[health]}
      </li>
    ))}
  </ul>
)

function ToDraw({ shop, title, what, children }: { shop: Shop; title: string; what: string; children: string }) {
  const mayDraw = useMay('marketer')
  return (
    <Empty title={title} action={mayDraw && <Button component="a" href={`/console/shops/${encodeURIComponent(shop.id)}`}>{what}</Button>}>
      {children}
    </Empty>
  )
}

interface PlanProps extends ShopFloorProps {
  shop: Shop
  floor: Shop['floors'][number]
  minutes: number
}

const reach = 12 // px around a dot in which a click is meant for it

function Plan({ shop, floor, zone, minutes, onZone, onWho }: PlanProps) {
  const zones = useLive((live) => live.kpis?.zones)
  const devices = useLive((live) => live.kpis?.devices)
  const replayed = useLive((live) => live.replayed !== undefined)
  const looked = useRef<Looked>(undefined)
  const now = useMemo(() => zonesNow(shop, zones ?? [], minutes), [shop, zones, minutes])
  const health = useMemo(() => new Map<string, DeviceHealth>((devices ?? []).map((device) => [device.id, device])), [devices])
  return (
    // Dots are for the mouse and the finger; the keyboard has the button before them.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events
    <div
      className="floor-people"
      onClickCapture={(event) => {
        if (!looked.current || !onWho || replayed || !(event.target instanceof SVGElement)) return
        const { view, people } = looked.current
        const { left, top } = event.currentTarget.getBoundingClientRect()
        const { currentCSSZoom: zoom = 1 } = event.currentTarget // on a wall; older browsers do not say it
        const x = (event.clientX - left) / zoom - view.left
        const y = (event.clientY - top) / zoom - view.top
        const who = nearest(people, x / view.scale, y / view.scale, reach / view.scale)
        if (!who?.shopper) return
        event.stopPropagation()
        onWho(who.shopper)
      }}
    >
      <FloorPlan shop={shop} floor={floor} now={now} health={health} selected={zone} onSelect={onZone} label={t.floor.choose(floor.name)}>
        {(view) => <People floor={floor.id} view={view} looked={looked} onWho={onWho} />}
      </FloorPlan>
    </div>
  )
}

/** What was drawn last: who, and by which view. */
interface Looked {
  view: View
  people: LivePerson[]
}

/** The people of a floor. They are told twice a second, and the plan under them is not drawn anew for that. */
function People({ floor, view, looked, onWho }: { floor: string; view: View; looked: RefObject<Looked | undefined>; onWho: ShopFloorProps['onWho'] }) {
  const all = useLive((live) => live.people)
  const strideMs = useLive((live) => live.strideMs)
  const replayed = useLive((live) => live.replayed !== undefined)
  const people = useMemo(() => all.filter((person) => !person.floor || person.floor === floor), [all, floor])
  looked.current = { view, people }
  return (
    <>
      <PeopleLayer people={people} view={view} strideMs={strideMs} />
      {!replayed && onWho && <PeopleKeys people={people} view={view} onWho={onWho} />}
    </>
  )
}

function zonesNow(shop: Shop, zones: LiveZone[], minutes: number): Map<string, ZoneNow> {
  const told = new Map(zones.map((zone) => [zone.zone, zone]))
  return new Map(
    shop.zones.map((zone) => {
      const { people = 0, opted_in = 0, history = [] } = told.get(zone.id) ?? {}
      return [zone.id, { people, optedIn: opted_in, share: over(minutes, people, history) / capacity(zone) }]
    }),
  )
}
