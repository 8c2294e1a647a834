import { useLive, type DeviceHealth, type LiveZone, type Shop } from '@aisle/api'
import { capacity, Empty, FloorPlan, PeopleLayer, Skeleton, type ZoneNow } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useMemo, useState } from 'react'
import { ZonePanel } from './ZonePanel'

/** The plan of the shop with everybody in it, and what there is to know of one zone. */
export function ShopFloor({ zone, onZone }: { zone: string | undefined; onZone: (zone: string | undefined) => void }) {
  const shop = useLive((live) => live.shop)
  const [floorID, setFloor] = useState<string>()
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
        <Legend />
      </div>
      <div className="floor-body">
        <div className="floor-plan">
          {!shop || !floor ? <Skeleton height="100%" style={{ borderRadius: 10 }} /> : shop.zones.length === 0 ? <NoZones shop={shop} /> : <Plan shop={shop} floor={floor} zone={zone} onZone={onZone} />}
        </div>
        <ZonePanel chosen={zone} onZone={onZone} />
      </div>
    </section>
  )
}

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
  onZone: (zone: string | undefined) => void
}

function Plan({ shop, floor, zone, onZone }: PlanProps) {
  const zones = useLive((live) => live.kpis?.zones)
  const devices = useLive((live) => live.kpis?.devices)
  const people = useLive((live) => live.people)
  const strideMs = useLive((live) => live.strideMs)
  const now = useMemo(() => zonesNow(shop, zones ?? []), [shop, zones])
  const health = useMemo(() => new Map<string, DeviceHealth>((devices ?? []).map((device) => [device.id, device])), [devices])
  const here = useMemo(() => people.filter((person) => !person.floor || person.floor === floor.id), [people, floor.id])
  return (
    <FloorPlan shop={shop} floor={floor} now={now} health={health} selected={zone} onSelect={onZone} label={`${floor.name}: choose a zone to see more of it`}>
      {(view) => <PeopleLayer people={here} view={view} strideMs={strideMs} />}
    </FloorPlan>
  )
}

function zonesNow(shop: Shop, zones: LiveZone[]): Map<string, ZoneNow> {
  const told = new Map(zones.map((zone) => [zone.zone, zone]))
  return new Map(
    shop.zones.map((zone) => {
      const { people = 0, opted_in = 0 } = told.get(zone.id) ?? {}
      return [zone.id, { people, optedIn: opted_in, share: people / capacity(zone) }]
    }),
  )
}
