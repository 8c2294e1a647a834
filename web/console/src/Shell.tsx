import { useCampaigns, useDrift, useSession, useShops, useSignOut } from '@aisle/api'
import { count, Failure, Mark, SchemeToggle } from '@aisle/ui'
import { ActionIcon, Drawer, Menu, UnstyledButton } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { spotlight } from '@mantine/spotlight'
import { Link, Navigate, Outlet, useRouter, useRouterState } from '@tanstack/react-router'
import { ChevronRight, ExternalLink, LogOut, Map, Menu as MenuIcon, Search, UserRound } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useWaitingForMe } from './campaigns/waiting'
import { choose, language, languages, type Language } from './language'
import { Palette } from './Palette'
import { places, type GroupName, type PlaceName } from './places'
import { t } from './words'

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
        {t.shell.skip}
      </a>
      <aside className="sidebar" aria-label={t.shell.console}>
        <Places />
      </aside>
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

/** Every place, and who is signed in. */
function Places() {
  const session = useSession()
  const campaigns = useCampaigns()
  const shops = useShops()
  const drift = useDrift({ state: 'open' })
  const changes = drift.data?.open ?? 0
  const waiting = useWaitingForMe().length
  const counts: Partial<Record<PlaceName, number | undefined>> = { campaigns: campaigns.data?.campaigns.length, shops: shops.data?.length }
  /** What waits for somebody, in words with its number. */
  const open: Partial<Record<PlaceName, { count: number; says: string }>> = {
    ...(waiting > 0 && { campaigns: { count: waiting, says: t.shell.approvals(waiting) } }),
    ...(changes > 0 && { sources: { count: changes, says: t.shell.changes(changes) } }),
  }
  return (
    <>
      <div className="brand">
        <Mark size={26} />
        <div>
          <p className="strong">Aisle</p>
          <p className="dim small">{session.data?.demo ? t.shell.demo : t.shell.console}</p>
        </div>
      </div>
      <nav aria-label={t.shell.main}>
        {(Object.keys(t.groups) as GroupName[]).map((group) => (
          <section key={group} aria-label={t.groups[group]}>
            <p className="nav-group">{t.groups[group]}</p>
            <ul>
              {places
                .filter((place) => place.group === group && place.id !== 'account')
                .map(({ id, to, name, Icon }) => (
                  <li key={id}>
                    <Link to={to} className="nav" activeProps={{ 'aria-current': 'page' }}>
                      <Icon size={16} strokeWidth={1.7} aria-hidden />
                      {name}
                      {counts[id] !== undefined && <span className="nav-count num">{count(counts[id])}</span>}
                      {open[id] && <Open {...open[id]} />}
                    </Link>
                  </li>
                ))}
              {group === 'live' && (
                <li>
                  <a href="/staff/" className="nav">
                    <Map size={16} strokeWidth={1.7} aria-hidden />
                    {t.shell.now}
                    <ExternalLink size={12} aria-hidden className="nav-count" />
                  </a>
                </li>
              )}
            </ul>
          </section>
        ))}
      </nav>
      <Me />
    </>
  )
}

/** Says the number to the eye, and all of it to a screen reader. */
const Open = ({ count: many, says }: { count: number; says: string }) => (
  <span className="nav-open num" title={says}>
    <span aria-hidden="true">{count(many)}</span>
    <span className="hidden">{says}</span>
  </span>
)

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
        <UnstyledButton className="me" aria-label={t.shell.account(person.name)}>
          <span className="avatar" aria-hidden="true">
            {initials}
          </span>
          <span className="cut">
            <span className="strong">{person.name}</span>
            <br />
            <span className="dim small">{t.roles[person.role]}</span>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label dir="ltr">{person.email}</Menu.Label>
        <Menu.Item component={Link} to="/account" leftSection={<UserRound size={14} />}>
          {t.places.account}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{t.language}</Menu.Label>
        <Menu.RadioGroup value={language} onChange={(next) => choose(next as Language)}>
          {Object.entries(languages).map(([tag, { name }]) => (
            <Menu.RadioItem key={tag} value={tag} lang={tag}>
              {name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<LogOut size={14} />} onClick={() => signOut.mutate()}>
          {t.shell.signOut}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** The places, on screens that are too narrow to show them beside the page. */
function PhoneMenu() {
  const [open, { open: show, close }] = useDisclosure()
  const here = useRouterState({ select: ({ location }) => location.href })
  useEffect(close, [here, close])
  return (
    <>
      <ActionIcon className="phone-menu" aria-label={t.shell.menu} aria-expanded={open} onClick={show}>
        <MenuIcon size={18} />
      </ActionIcon>
      <Drawer opened={open} onClose={close} size={264} padding={0} title={t.shell.menu} closeButtonProps={{ 'aria-label': t.close }} classNames={{ body: 'drawer-places' }}>
        <Places />
      </Drawer>
    </>
  )
}

function TopBar() {
  const pathname = useRouterState({ select: ({ location }) => location.pathname })
  // Names that no path can hold are in the search.
  const asked = useRouterState({ select: ({ location: { search } }) => ('name' in search ? search.name : 'id' in search ? search.id : undefined) })
  const [first = '', last] = pathname.replace(/^\//, '').split('/')
  const id = last && (typeof asked === 'string' ? asked : decodeURIComponent(last))
  const place = places.find(({ id }) => id === first)
  return (
    <div className="top">
      <PhoneMenu />
      <nav aria-label={t.shell.where} className="crumbs">
        <span className="dim">{place && t.groups[place.group]}</span>
        <ChevronRight size={13} className="ahead" aria-hidden />
        {id ? (
          <>
            <Link to={place?.to ?? '/campaigns'}>{place?.name}</Link>
            <ChevronRight size={13} className="ahead" aria-hidden />
            <span className="strong cut" dir="auto" aria-current="page">
              {id === 'new' ? t.shell.new : id}
            </span>
          </>
        ) : (
          <span className="strong" aria-current="page">
            {place?.name}
          </span>
        )}
      </nav>
      <UnstyledButton className="search" onClick={() => spotlight.open()} aria-label={t.palette.label}>
        <Search size={14} aria-hidden />
        <span>{t.palette.placeholder}</span>
        <kbd className="kbd">Ctrl K</kbd>
      </UnstyledButton>
      <SchemeToggle />
    </div>
  )
}
