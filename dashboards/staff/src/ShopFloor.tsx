import { useLive, type DeviceHealth, type LiveZone, type Shop } from '@aisle/api'
import { capacity, Empty, FloorPlan, PeopleLayer, Skeleton, type View, type ZoneNow } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useMemo, useRef, useState } from 'react'
import { over } from './busiest'
import { nearest } from './presence'
import { ZonePanel } from './ZonePanel'

/** The plan of the shop with everybody in it, and what there is to know of one zone. */
export function ShopFloor({ zone, onZone, onWho }: { zone: string | undefined; onZone: (zone: string | undefined) => void; onWho: (shopper: string) => void }) {
  const shop = useLive((live) => live.shop)
  const [floorID, setFloor] = useState<string>()
  const [minutes, setMinutes] = useState(0)
  const floor = shop?.floors.find(({ id }) => id === floorID) ?? shop?.floors[0]
  return (
    <section className="card floor" aria-label="Floor plan">
      <div className="card-head">
        {shop && shop.floors.length > 1 ? (
          <div className="row" role="group" aria-label="Floor">
            {shop.floors.map(({ id, name }) => (
              <Button key={id} size="compact-xs" variant={id === floor?.id ? 'light' : 'subtle'} color={id === floor?.id ? 'iris' : 'gray'} aria-pressed={id === floor?.id} onClick={() => setFloor(id)}>
                {name}
              </Button>
            ))}
          </div>
        ) : (
          <h2>{floor?.name ?? 'Floor'}</h2>
        )}
        <HeatOver minutes={minutes} onChange={setMinutes} />
        <Legend />
      </div>
      <div className="floor-body">
        <div className="floor-plan">
          {!shop || !floor ? <Skeleton height="100%" style={{ borderRadius: 10 }} /> : shop.zones.length === 0 ? <NoZones shop={shop} /> : <Plan shop={shop} floor={floor} zone={zone} minutes={minutes} onZone={onZone} onWho={onWho} />}
        </div>
        <ZonePanel chosen={zone} onZone={onZone} onWho={onWho} />
      </div>
    </section>
  )
}

/** Over how many minutes the heat counts; 0 is now. */
const HeatOver = ({ minutes, onChange }: { minutes: number; onChange: (minutes: number) => void }) => (
  <div className="row heat-over" role="group" aria-label="Heat of">
    {[0, 10, 30].map((choice) => (
      <Button key={choice} size="compact-xs" variant={choice === minutes ? 'light' : 'subtle'} color={choice === minutes ? 'iris' : 'gray'} aria-pressed={choice === minutes} onClick={() => onChange(choice)}>
        {choice === 0 ? 'Now' : `${choice} min`}
      </Button>
    ))}
  </div>
)

const Legend = () => (
  <ul className="legend" aria-label="Legend">
    <li>
      <i className="dot" data-kind="known" />
      Two witnesses
    </li>
    <li>
      <i className="dot" data-kind="possible" />
      Possible member
    </li>
    <li>
      <i className="dot" data-kind="lent" />
      Device lent
    </li>
    <li>
      <i className="dot" data-kind="anonymous" />
      Anonymous
    </li>
    <li>
      <i className="dot" data-kind="pushed" />
      Offer pushed
    </li>
    <li>
      Quiet <i className="ramp" /> Busy
    </li>
  </ul>
)

const NoZones = ({ shop }: { shop: Shop }) => (
  <Empty title="This shop has no zones yet" action={<Button component="a" href={`/console/shops/${encodeURIComponent(shop.id)}`}>Draw the zones</Button>}>
    Zones say where people are. Once they are drawn, everybody who is seen appears here.
  </Empty>
)

interface PlanProps {
  shop: Shop
  floor: Shop['floors'][number]
  zone: string | undefined
  minutes: number
  onZone: (zone: string | undefined) => void
  onWho: (shopper: string) => void
}

const reach = 12 // px around a dot in which a click is meant for it

function Plan({ shop, floor, zone, minutes, onZone, onWho }: PlanProps) {
  const zones = useLive((live) => live.kpis?.zones)
  const devices = useLive((live) => live.kpis?.devices)
  const people = useLive((live) => live.people)
  const strideMs = useLive((live) => live.strideMs)
  const replayed = useLive((live) => live.replayed !== undefined)
  const looked = useRef<View>(undefined)
  const now = useMemo(() => zonesNow(shop, zones ?? [], minutes), [shop, zones, minutes])
  const health = useMemo(() => new Map<string, DeviceHealth>((devices ?? []).map((device) => [device.id, device])), [devices])
  const here = useMemo(() => people.filter((person) => !person.floor || person.floor === floor.id), [people, floor.id])
  return (
    // Dots are for the mouse and the finger; by the keyboard, a zone's members and who may want help lead to the same card.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions, jsx-a11y/click-events-have-key-events
    <div
      onClickCapture={(event) => {
        const view = looked.current
        if (!view || replayed) return
        const { left, top } = event.currentTarget.getBoundingClientRect()
        const who = nearest(here, (event.clientX - left - view.left) / view.scale, (event.clientY - top - view.top) / view.scale, reach / view.scale)
        if (!who?.shopper) return
        event.stopPropagation()
        onWho(who.shopper)
      }}
    >
      <FloorPlan shop={shop} floor={floor} now={now} health={health} selected={zone} onSelect={onZone} label={`${floor.name}: choose a zone to see more of it`}>
        {(view) => {
          looked.current = view
          return <PeopleLayer people={here} view={view} strideMs={strideMs} />
        }}
      </FloorPlan>
    </div>
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
