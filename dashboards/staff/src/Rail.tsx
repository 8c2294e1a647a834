import { Mark } from '@aisle/ui'
import { Tooltip } from '@mantine/core'
import { Activity, Map, Megaphone, MessageSquareText, ScanQrCode, Settings, Users } from 'lucide-react'

const places = [
  { href: '/staff/', name: 'Shop now', Icon: Map },
  { href: '/staff/scan', name: 'Take a code', Icon: ScanQrCode },
  { href: '/console/decisions', name: 'Decisions', Icon: Activity },
  { href: '/console/people', name: 'People', Icon: Users },
  { href: '/console/campaigns', name: 'Campaigns', Icon: Megaphone },
  { href: '/console/sandbox', name: 'Sandbox messages', Icon: MessageSquareText },
]

/** Where else one may go. */
export function Rail() {
  return (
    <nav className="rail" aria-label="Main">
      <Mark />
      {places.map(({ href, name, Icon }) => (
        <Tooltip key={href} label={name} position="right">
          <a href={href} aria-label={name} aria-current={href === '/staff/' ? 'page' : undefined}>
            <Icon size={18} strokeWidth={1.7} aria-hidden />
          </a>
        </Tooltip>
      ))}
      <Tooltip label="System" position="right">
        <a href="/console/system" aria-label="System" className="rail-end">
          <Settings size={18} strokeWidth={1.7} aria-hidden />
        </a>
      </Tooltip>
    </nav>
  )
}
