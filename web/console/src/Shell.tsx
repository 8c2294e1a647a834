import { useCampaigns, useDrift, useSession, useShops, useSignOut } from '@aisle/api'
import { Failure, Mark, plural, SchemeToggle } from '@aisle/ui'
import { Menu, UnstyledButton } from '@mantine/core'
import { spotlight } from '@mantine/spotlight'
import { Link, Navigate, Outlet, useRouter, useRouterState } from '@tanstack/react-router'
import { Activity, BrainCircuit, Building2, Cctv, ChevronRight, ExternalLink, FileCheck2, FileText, FlaskConical, Funnel, Inbox, KeyRound, LogOut, Map, Megaphone, MessageSquareText, Plug, Route, ScanFace, ScrollText, Search, ServerCog, Settings, ShieldCheck, Sigma, UserRound, Users, UserRoundCog, type LucideIcon } from 'lucide-react'
import { useState } from 'react'
import { useWaitingForMe } from './campaigns/waiting'
import { Palette } from './Palette'

/** What every page of the console stands in, for whoever is signed in. */
export function Shell() {
  const session = useSession()
  if (session.error && !session.data) {
    return (
      <main className="alone">
        <Mark size={40} />
        <Failure error={session.error} retry={session.refetch} />
      </main>
    )
  }
  if (!session.data) return <main className="alone" aria-busy="true" />
  if (session.data.setup_needed) return <Navigate to="/set-up" replace />
  if (!session.data.person) return <ToSignIn />
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <Sidebar />
      <TopBar />
      <main id="main" tabIndex={-1}>
        <Outlet />
      </main>
      <Palette />
    </div>
  )
}

/** Comes back to the page that was asked for: read once, because on the way the address changes already. */
function ToSignIn() {
  const router = useRouter()
  const [asked] = useState(router.state.location.href)
  return <Navigate to="/sign-in" search={{ to: `/console${asked}` }} replace />
}

interface Place {
  to: string
  name: string
  Icon: LucideIcon
  count?: number | undefined
  /** What waits for somebody, in words with its number. */
  open?: { count: number; says: string } | undefined
}

function Sidebar() {
  const session = useSession()
  const campaigns = useCampaigns()
  const shops = useShops()
  const drift = useDrift({ state: 'open' })
  const changes = drift.data?.open ?? 0
  const waiting = useWaitingForMe().length
  const groups: { name: string; links: Place[] }[] = [
    {
      name: 'Engage',
      links: [
        { to: '/campaigns', name: 'Campaigns', Icon: Megaphone, count: campaigns.data?.campaigns.length, open: waiting > 0 ? { count: waiting, says: plural(waiting, 'campaign') + (waiting === 1 ? ' waits' : ' wait') + ' for your approval' } : undefined },
        { to: '/scenarios', name: 'Scenarios', Icon: Route },
        { to: '/segments', name: 'Segments', Icon: Funnel },
        { to: '/experiments', name: 'Experiments', Icon: FlaskConical },
        { to: '/model', name: 'Model', Icon: BrainCircuit },
        { to: '/decisions', name: 'Decisions', Icon: Activity },
        { to: '/people', name: 'People', Icon: Users },
        { to: '/features', name: 'Features', Icon: Sigma },
        { to: '/recognition', name: 'Recognition', Icon: ScanFace },
      ],
    },
    {
      name: 'Live',
      links: [
        { to: '/shops', name: 'Shops', Icon: Building2, count: shops.data?.length },
        { to: '/cameras', name: 'Cameras', Icon: Cctv },
        { to: '/sandbox', name: 'Sandbox messages', Icon: MessageSquareText },
      ],
    },
    {
      name: 'Manage',
      links: [
        { to: '/sources', name: 'Sources', Icon: Plug, open: changes > 0 ? { count: changes, says: plural(changes, 'change') + ' to judge' } : undefined },
        { to: '/feeds', name: 'Files and logs', Icon: FileText },
        { to: '/contracts', name: 'Contracts', Icon: FileCheck2 },
        { to: '/quarantine', name: 'Quarantine', Icon: Inbox },
        { to: '/privacy', name: 'Privacy requests', Icon: ShieldCheck },
        { to: '/team', name: 'Team', Icon: UserRoundCog },
        { to: '/keys', name: 'API keys', Icon: KeyRound },
        { to: '/audit', name: 'Audit', Icon: ScrollText },
        { to: '/settings', name: 'Settings', Icon: Settings },
        { to: '/system', name: 'System', Icon: ServerCog },
      ],
    },
  ]
  return (
    <aside className="sidebar" aria-label="Console">
      <div className="brand">
        <Mark size={26} />
        <div>
          <p className="strong">Aisle</p>
          <p className="dim small">{session.data?.demo ? 'Demonstration' : 'Console'}</p>
        </div>
      </div>
      <nav aria-label="Main">
        {groups.map(({ name, links }) => (
          <section key={name} aria-label={name}>
            <p className="nav-group">{name}</p>
            <ul>
              {links.map(({ to, name, Icon, count, open }) => (
                <li key={to}>
                  <Link to={to} className="nav" activeProps={{ 'aria-current': 'page' }}>
                    <Icon size={16} strokeWidth={1.7} aria-hidden />
                    {name}
                    {count !== undefined && <span className="nav-count num">{count}</span>}
                    {open && (
                      <span className="nav-open num" title={open.says}>
                        {open.count}
                        <span className="hidden"> {open.says.replace(/^\S+ /, '')}</span>
                      </span>
                    )}
                  </Link>
                </li>
              ))}
              {name === 'Live' && (
                <li>
                  <a href="/staff/" className="nav">
                    <Map size={16} strokeWidth={1.7} aria-hidden />
                    Shop now
                    <ExternalLink size={12} aria-hidden className="nav-count" />
                  </a>
                </li>
              )}
            </ul>
          </section>
        ))}
      </nav>
      <Me />
    </aside>
  )
}

function Me() {
  const { data } = useSession()
  const signOut = useSignOut()
  const person = data?.person
  if (!person) return null
  const initials = person.name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join('')
    .toUpperCase()
  return (
    <Menu position="top-start" width={196}>
      <Menu.Target>
        <UnstyledButton className="me" aria-label={`${person.name}: account`}>
          <span className="avatar" aria-hidden="true">
            {initials}
          </span>
          <span className="cut">
            <span className="strong">{person.name}</span>
            <br />
            <span className="dim small">{person.role}</span>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{person.email}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<UserRound size={14} />}>
          My account
        </Menu.Item>
        <Menu.Item leftSection={<LogOut size={14} />} onClick={() => signOut.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

const places = {
  campaigns: { to: '/campaigns', name: 'Campaigns', group: 'Engage' },
  scenarios: { to: '/scenarios', name: 'Scenarios', group: 'Engage' },
  segments: { to: '/segments', name: 'Segments', group: 'Engage' },
  experiments: { to: '/experiments', name: 'Experiments', group: 'Engage' },
  model: { to: '/model', name: 'Model', group: 'Engage' },
  decisions: { to: '/decisions', name: 'Decisions', group: 'Engage' },
  people: { to: '/people', name: 'People', group: 'Engage' },
  features: { to: '/features', name: 'Features', group: 'Engage' },
  recognition: { to: '/recognition', name: 'Recognition', group: 'Engage' },
  shops: { to: '/shops', name: 'Shops', group: 'Live' },
  cameras: { to: '/cameras', name: 'Cameras', group: 'Live' },
  sandbox: { to: '/sandbox', name: 'Sandbox messages', group: 'Live' },
  sources: { to: '/sources', name: 'Sources', group: 'Manage' },
  feeds: { to: '/feeds', name: 'Files and logs', group: 'Manage' },
  contracts: { to: '/contracts', name: 'Contracts', group: 'Manage' },
  quarantine: { to: '/quarantine', name: 'Quarantine', group: 'Manage' },
  privacy: { to: '/privacy', name: 'Privacy requests', group: 'Manage' },
  team: { to: '/team', name: 'Team', group: 'Manage' },
  keys: { to: '/keys', name: 'API keys', group: 'Manage' },
  audit: { to: '/audit', name: 'Audit', group: 'Manage' },
  account: { to: '/account', name: 'My account', group: 'Manage' },
  settings: { to: '/settings', name: 'Settings', group: 'Manage' },
  system: { to: '/system', name: 'System', group: 'Manage' },
} as const

function TopBar() {
  const pathname = useRouterState({ select: ({ location }) => location.pathname })
  // Names that no path can hold are in the search.
  const asked = useRouterState({ select: ({ location: { search } }) => ('name' in search ? search.name : 'id' in search ? search.id : undefined) })
  const [first = '', last] = pathname.replace(/^\//, '').split('/')
  const id = last && (typeof asked === 'string' ? asked : decodeURIComponent(last))
  const place = first in places ? places[first as keyof typeof places] : undefined
  return (
    <div className="top">
      <nav aria-label="Where you are" className="crumbs">
        <span className="dim">{place?.group}</span>
        <ChevronRight size={13} aria-hidden />
        {id ? (
          <>
            <Link to={place?.to ?? '/campaigns'}>{place?.name}</Link>
            <ChevronRight size={13} aria-hidden />
            <span className="strong cut" aria-current="page">
              {id === 'new' ? 'New' : id}
            </span>
          </>
        ) : (
          <span className="strong" aria-current="page">
            {place?.name}
          </span>
        )}
      </nav>
      <UnstyledButton className="search" onClick={() => spotlight.open()} aria-label="Search or jump to">
        <Search size={14} aria-hidden />
        <span>Search or jump to…</span>
        <kbd className="kbd">Ctrl K</kbd>
      </UnstyledButton>
      <SchemeToggle />
    </div>
  )
}
