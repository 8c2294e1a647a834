import { useMay, useShops, type Shop } from '@aisle/api'
import { Empty, FloorPlan, minuteOfDay, plural } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'

/** Places with their floor plans. */
export default function ShopsPage() {
  const shops = useShops()
  const may = useMay('marketer', 'admin')
  const add = (
    <LinkButton to="/shops/new" leftSection={<Plus size={14} />}>
      New shop
    </LinkButton>
  )
  return (
    <Page title="Shops" actions={may && shops.data && shops.data.length > 0 && add}>
      <Loaded of={shops}>
        {(shops) =>
          shops.length === 0 ? (
            <div className="card">
              <Empty title="No shop yet" action={may && add}>
                A shop has a floor plan with zones, receivers and cameras. With one, people can be located and offers be about where they are.
              </Empty>
            </div>
          ) : (
            <ul className="choices" style={{ gridTemplateColumns: 'repeat(auto-fill, minmax(320px, 1fr))' }}>
              {shops.map((shop) => (
                <li key={shop.id} style={{ display: 'grid' }}>
                  <ShopCard shop={shop} />
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Page>
  )
}

function ShopCard({ shop }: { shop: Shop }) {
  const floor = shop.floors[0]
  return (
    <Link to="/shops/$shop" params={{ shop: shop.id }} className="card shop-card" aria-label={shop.name}>
      <div className="shop-card-plan" aria-hidden="true" inert>
        {floor && <FloorPlan shop={shop} floor={floor} label="" plain />}
      </div>
      <div style={{ padding: '10px 14px 12px' }}>
        <p className="strong">{shop.name}</p>
        <p className="dim small num">
          {plural(shop.zones.length, 'zone')} · {plural(shop.receivers.length, 'receiver')} · {plural(shop.cameras.length, 'camera')}
        </p>
        <p className="dim small num">
          {shop.time_zone}
          {shop.quiet.from_minute === shop.quiet.until_minute ? '' : ` · quiet ${minuteOfDay(shop.quiet.from_minute)} to ${minuteOfDay(shop.quiet.until_minute)}`}
        </p>
      </div>
    </Link>
  )
}
