import './shops.css'
import { useMay, useShops, type Shop } from '@aisle/api'
import { Empty, FloorPlan, minuteOfDay } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'
import { isDrawn } from './plan'
import { t } from './words'

/** Places with their floor plans. */
export default function ShopsPage() {
  const shops = useShops()
  const may = useMay('marketer', 'admin')
  const add = (
    <LinkButton to="/shops/new" leftSection={<Plus size={14} />}>
      {t.shops.add}
    </LinkButton>
  )
  return (
    <Page title={t.shops.title} actions={may && shops.data && shops.data.length > 0 && add}>
      <Loaded of={shops}>
        {(shops) =>
          shops.length === 0 ? (
            <div className="card">
              <Empty title={t.shops.none} action={may && add}>
                {t.shops.noneMore}
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
        {!(floor && isDrawn(shop, floor)) && <p className="plan-empty dim">{t.shops.notDrawn}</p>}
      </div>
      <div style={{ padding: '10px 14px 12px' }}>
        <p className="strong">
          <bdi>{shop.name}</bdi>
        </p>
        <p className="dim small num">
          {t.counts.zones(shop.zones.length)} · {t.counts.receivers(shop.receivers.length)} · {t.counts.cameras(shop.cameras.length)}
        </p>
        <p className="dim small num">
          <bdi>{shop.time_zone}</bdi>
          {shop.quiet.from_minute === shop.quiet.until_minute ? '' : t.shops.quiet(minuteOfDay(shop.quiet.from_minute), minuteOfDay(shop.quiet.until_minute))}
        </p>
      </div>
    </Link>
  )
}
