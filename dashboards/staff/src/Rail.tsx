import { useMay } from '@aisle/api'
import { Mark } from '@aisle/ui'
import { Tooltip } from '@mantine/core'
import { Activity, Map, Megaphone, MessageSquareText, ScanQrCode, Settings, Users } from 'lucide-react'
import { t } from './words'

const places = (shop: string | undefined) => [
  { href: '/staff/', name: t.shopNow, Icon: Map },
  { href: shop === undefined ? '/staff/scan' : `/staff/scan?shop=${encodeURIComponent(shop)}`, name: t.places.take, Icon: ScanQrCode, forStaff: true },
  { href: '/console/decisions', name: t.places.decisions, Icon: Activity },
  { href: '/console/people', name: t.places.people, Icon: Users },
  { href: '/console/campaigns', name: t.places.campaigns, Icon: Megaphone },
  { href: '/console/sandbox', name: t.places.sandbox, Icon: MessageSquareText, forStaff: true },
]

/** Where else one may go. */
export function Rail({ shop }: { shop: string | undefined }) {
  const staff = useMay('staff')
  return (
    <nav className="rail" aria-label={t.main}>
      <Mark />
      {places(shop).filter(({ forStaff }) => staff || !forStaff).map(({ href, name, Icon }) => (
        <Tooltip key={href} label={name} position="right">
          <a href={href} aria-label={name} aria-current={href === '/staff/' ? 'page' : undefined}>
            <Icon size={18} strokeWidth={1.7} aria-hidden />
          </a>
        </Tooltip>
      ))}
      <Tooltip label={t.places.system} position="right">
        <a href="/console/system" aria-label={t.places.system} className="rail-end">
          <Settings size={18} strokeWidth={1.7} aria-hidden />
        </a>
      </Tooltip>
    </nav>
  )
}
