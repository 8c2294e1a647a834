import { useLive, type Shop } from '@aisle/api'
import { hourMinute, LiveBadge, SchemeToggle } from '@aisle/ui'
import { ActionIcon, Button, Select, Tooltip } from '@mantine/core'
import { useFullscreenDocument } from '@mantine/hooks'
import { History, LayoutGrid, Maximize, Minimize } from 'lucide-react'
import { useState } from 'react'
import { Alerts } from './Alerts'
import { useServerNow } from './clock'
import { Languages } from './Languages'
import { replayLength } from './replay'
import { ShopsDrawer } from './ShopsDrawer'
import { t } from './words'

interface TopBarProps {
  shops: Shop[]
  shop: Shop | undefined
  onShop: (id: string) => void
  /** Shows ten minutes again; absent while a replay is shown. */
  onReplay: ((from: number) => void) | undefined
}

export function TopBar({ shops, shop, onShop, onReplay }: TopBarProps) {
  const [all, showAll] = useState(false)
  const aheadMs = useLive((live) => live.aheadMs)
  const { fullscreen, toggle } = useFullscreenDocument()
  const label = fullscreen ? t.leaveWholeScreen : t.wholeScreen
  return (
    <div className="top" role="region" aria-label={t.top}>
      <Select
        aria-label={t.shop}
        w={220}
        data={shops.map(({ id, name }) => ({ value: id, label: name }))}
        value={shop?.id ?? null}
        onChange={(id) => id && onShop(id)}
        placeholder={t.loadingShops}
      />
      {shops.length > 1 && (
        <Tooltip label={t.allShops}>
          <ActionIcon aria-label={t.allShops} onClick={() => showAll(true)}>
            <LayoutGrid size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <ShopsDrawer shown={all} shop={shop?.id} onShop={onShop} onClose={() => showAll(false)} />
      <LiveBadge />
      <Alerts />
      <span className="grow" />
      {onReplay && (
        <Button variant="default" leftSection={<History size={14} />} disabled={aheadMs === undefined} onClick={() => onReplay(Date.now() + (aheadMs ?? 0) - replayLength)}>
          {t.replay}
        </Button>
      )}
      {shop && <ShopTime zone={shop.time_zone} />}
      <Tooltip label={label}>
        <ActionIcon aria-label={label} onClick={() => void toggle()}>
          {fullscreen ? <Minimize size={16} /> : <Maximize size={16} />}
        </ActionIcon>
      </Tooltip>
      <Languages />
      <SchemeToggle />
    </div>
  )
}

/** What the clock on the shop's wall says. */
function ShopTime({ zone }: { zone: string }) {
  const now = useServerNow(5_000)
  return (
    <span className="shop-time dim num" title={zone}>
      {t.shopTime(hourMinute(now, zone))}
    </span>
  )
}
