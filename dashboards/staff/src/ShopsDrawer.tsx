import { useLiveShops, type ShopNow } from '@aisle/api'
import { count, Failure, millis, percent, Skeleton } from '@aisle/ui'
import { Drawer } from '@mantine/core'
import { openAlerts } from './alerts'
import { t } from './words'

interface ShopsDrawerProps {
  shown: boolean
  shop: string | undefined
  onShop: (id: string) => void
  onClose: () => void
}

/** All shops now, for whoever looks after several; choosing one shows it. */
export function ShopsDrawer({ shown, shop, onShop, onClose }: ShopsDrawerProps) {
  const { data, error, refetch } = useLiveShops(shown)
  return (
    <Drawer opened={shown} onClose={onClose} size={620} title={t.allShops} closeButtonProps={{ 'aria-label': t.close }} padding="lg">
      {error && !data ? <Failure error={error} retry={refetch} /> : !data ? <Skeleton height={120} /> : (
        <ul className="shops num">
          {data.map((one) => (
            <li key={one.shop}>
              <ShopRow shop={one} current={one.shop === shop} onChoose={() => {
                onShop(one.shop)
                onClose()
              }} />
            </li>
          ))}
        </ul>
      )}
    </Drawer>
  )
}

function ShopRow({ shop, current, onChoose }: { shop: ShopNow; current: boolean; onChoose: () => void }) {
  const open = openAlerts(shop.alerts).length
  const facts: [string, string][] = [
    [t.shops.inShop, count(shop.in_shop)],
    [t.shops.optedIn, count(shop.opted_in)],
    [t.shops.offers, count(shop.offers_today)],
    [t.shops.redeemed, shop.offers_today > 0 ? percent(shop.redeemed_share, 0) : '–'],
    ['p95', shop.latency.count > 0 ? millis(shop.latency.p95_ms) : '–'],
  ]
  return (
    <button type="button" className="shop-row" aria-current={current || undefined} onClick={onChoose}>
      <span className="between">
        <span className="strong cut">{shop.name}</span>
        <span className="status" data-tone={open > 0 ? 'bad' : 'good'}>
          {open === 0 ? t.alerts.well : t.alerts.many(open)}
        </span>
      </span>
      <span className="shop-facts">
        {facts.map(([name, value]) => (
          <span key={name}>
            <b>{value}</b> <span className="dim">{name}</span>
          </span>
        ))}
      </span>
    </button>
  )
}
