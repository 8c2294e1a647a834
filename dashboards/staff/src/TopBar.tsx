import type { Shop } from '@aisle/api'
import { hourMinute, LiveBadge, SchemeToggle, useNow } from '@aisle/ui'
import { ActionIcon, Button, Select, Tooltip } from '@mantine/core'
import { useFullscreenDocument } from '@mantine/hooks'
import { History, LayoutGrid, Maximize, Minimize } from 'lucide-react'
import { useState } from 'react'
import { Alerts } from './Alerts'
import { ShopsDrawer } from './ShopsDrawer'

interface TopBarProps {
  shops: Shop[]
  shop: Shop | undefined
  onShop: (id: string) => void
  /** Shows the last ten minutes again; absent while a replay is shown. */
  onReplay: (() => void) | undefined
}

export function TopBar({ shops, shop, onShop, onReplay }: TopBarProps) {
  const [all, showAll] = useState(false)
  const { fullscreen, toggle } = useFullscreenDocument()
  const label = fullscreen ? 'Leave the whole screen' : 'Use the whole screen'
  return (
    <div className="top" role="region" aria-label="Shop and freshness">
      <Select
        aria-label="Shop"
        w={220}
        data={shops.map(({ id, name }) => ({ value: id, label: name }))}
        value={shop?.id ?? null}
        onChange={(id) => id && onShop(id)}
        placeholder="Loading shops…"
      />
      {shops.length > 1 && (
        <Tooltip label="All shops now">
          <ActionIcon aria-label="All shops now" onClick={() => showAll(true)}>
            <LayoutGrid size={16} />
          </ActionIcon>
        </Tooltip>
      )}
      <ShopsDrawer shown={all} shop={shop?.id} onShop={onShop} onClose={() => showAll(false)} />
      <LiveBadge />
      <Alerts />
      <span className="grow" />
      {onReplay && (
        <Button variant="default" leftSection={<History size={14} />} onClick={onReplay}>
          Replay
        </Button>
      )}
      {shop && <ShopTime zone={shop.time_zone} />}
      <Tooltip label={label}>
        <ActionIcon aria-label={label} onClick={() => void toggle()}>
          {fullscreen ? <Minimize size={16} /> : <Maximize size={16} />}
        </ActionIcon>
      </Tooltip>
      <SchemeToggle />
    </div>
  )
}

/** What the clock on the shop's wall says. */
function ShopTime({ zone }: { zone: string }) {
  const now = useNow(5_000)
  return (
    <span className="shop-time dim num" title={zone}>
      {hourMinute(now, zone)} in the shop
    </span>
  )
}
