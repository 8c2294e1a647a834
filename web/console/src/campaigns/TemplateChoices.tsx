import { Link } from '@tanstack/react-router'
import { DoorOpen, FilePlus2, Hourglass, LogOut, Search, type LucideIcon } from 'lucide-react'
import { templates, type Template } from './templates'

const icons: Record<Template['icon'], LucideIcon> = { dwell: Hourglass, search: Search, welcome: DoorOpen, leave: LogOut, blank: FilePlus2 }

/** What a campaign can begin with. */
export const TemplateChoices = () => (
  <ul className="choices">
    {templates.map(({ id, name, says, icon }) => {
      const Icon = icons[icon]
      return (
        <li key={id} style={{ display: 'grid' }}>
          <Link className="choice" to="/campaigns/new" search={{ template: id }}>
            <Icon size={18} strokeWidth={1.7} aria-hidden />
            <span className="strong">{name}</span>
            <span className="dim small">{says}</span>
          </Link>
        </li>
      )
    })}
  </ul>
)
