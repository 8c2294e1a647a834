import { useCampaigns, useContracts, useFeeds, useFoundPeople, useMay, useScenarios, useShapes, useShops, useSignOut } from '@aisle/api'
import { campaignState, spoken } from '@aisle/ui'
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue, useHotkeys } from '@mantine/hooks'
import { Spotlight, spotlight, type SpotlightActionGroupData } from '@mantine/spotlight'
import { useNavigate } from '@tanstack/react-router'
import { Building2, FileCheck2, FileText, LogOut, Map, Megaphone, Moon, Plug, Plus, Route, Search, Sun, User, UserCheck } from 'lucide-react'
import { useState } from 'react'
import { useWaitingForMe } from './campaigns/waiting'
import { decisionIn } from './decisions/name'
import { places, type PlaceName } from './places'
import { t } from './words'

const says = t.palette
const keywords: Partial<Record<PlaceName, string>> = says.keywords
const icon = { size: 16, strokeWidth: 1.7, 'aria-hidden': true } as const

/** Everything that can be gone to or done, by typing. */
export function Palette() {
  const navigate = useNavigate()
  const [query, setQuery] = useState('')
  const campaigns = useCampaigns()
  const scenarios = useScenarios()
  const [words] = useDebouncedValue(query.trim(), 200)
  const people = useFoundPeople(words, 10)
  const waiting = useWaitingForMe()
  const writes = useMay('marketer')
  const shops = useShops()
  const shapes = useShapes()
  const contracts = useContracts()
  const feeds = useFeeds()
  const signOut = useSignOut()
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light') === 'dark'
  const decision = decisionIn(query)
  // From within a field, too, where a slash is a slash.
  useHotkeys([['mod + K', spotlight.toggle]], [])

  const actions: SpotlightActionGroupData[] = [
    {
      group: says.go,
      actions: [
        ...places.map(({ id, to, name, Icon }) => ({ id, label: name, keywords: keywords[id] ?? '', leftSection: <Icon {...icon} />, onClick: () => void navigate({ to }) })),
        { id: 'now', label: t.shell.now, keywords: says.keywords.now, leftSection: <Map {...icon} />, onClick: () => location.assign('/staff/') },
      ],
    },
    {
      group: says.do,
      actions: [
        ...(decision
          ? [{ id: 'why', label: says.why(decision), keywords: query, leftSection: <Search {...icon} />, onClick: () => void navigate({ to: '/decisions/$decision', params: { decision } }) }]
          : []),
        ...waiting.map(({ id, name, asked_by }) => ({
          id: `approve ${id}`,
          label: says.approve(name),
          description: says.asked(asked_by),
          keywords: says.keywords.approve,
          leftSection: <UserCheck {...icon} />,
          onClick: () => void navigate({ to: '/campaigns/$campaign', params: { campaign: id } }),
        })),
        ...(writes
          ? [
              { id: 'new-campaign', label: says.newCampaign, leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/campaigns/new' }) },
              { id: 'new-scenario', label: says.newScenario, leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/scenarios/new' }) },
              { id: 'new-segment', label: says.newSegment, leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/segments/new' }) },
              { id: 'new-shop', label: says.newShop, leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/shops/new' }) },
              { id: 'new-feed', label: says.newFeed, keywords: says.keywords.newFeed, leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/feeds/new' }) },
            ]
          : []),
        { id: 'scheme', label: dark ? spoken.lightColours : spoken.darkColours, keywords: says.keywords.scheme, leftSection: dark ? <Sun {...icon} /> : <Moon {...icon} />, onClick: () => setColorScheme(dark ? 'light' : 'dark') },
        { id: 'sign-out', label: t.shell.signOut, leftSection: <LogOut {...icon} />, onClick: () => signOut.mutate() },
      ],
    },
    {
      group: t.places.campaigns,
      actions: (campaigns.data?.campaigns ?? []).map(({ campaign }) => ({
        id: `campaign ${campaign.id}`,
        label: campaign.name,
        description: `${campaignState(campaign.status).word} · ${campaign.offers.map(({ title }) => title).join(', ')}`,
        keywords: campaign.id,
        leftSection: <Megaphone {...icon} />,
        onClick: () => void navigate({ to: '/campaigns/$campaign', params: { campaign: campaign.id } }),
      })),
    },
    {
      group: t.places.scenarios,
      actions: (scenarios.data ?? []).map(({ scenario }) => ({
        id: `scenario ${scenario.id}`,
        label: scenario.name,
        description: campaignState(scenario.status).word,
        keywords: scenario.id,
        leftSection: <Route {...icon} />,
        onClick: () => void navigate({ to: '/scenarios/$scenario', params: { scenario: scenario.id } }),
      })),
    },
    {
      group: t.places.shops,
      actions: (shops.data ?? []).map((shop) => ({
        id: `shop ${shop.id}`,
        label: shop.name,
        keywords: shop.id,
        leftSection: <Building2 {...icon} />,
        onClick: () => void navigate({ to: '/shops/$shop', params: { shop: shop.id } }),
      })),
    },
    {
      group: t.places.sources,
      actions: [...new Set((shapes.data ?? []).map(({ source }) => source))].map((name) => ({
        id: `source ${name}`,
        label: name,
        leftSection: <Plug {...icon} />,
        onClick: () => void navigate({ to: '/sources/source', search: { name } }),
      })),
    },
    {
      group: t.places.feeds,
      actions: (feeds.data ?? []).map(({ name }) => ({
        id: `feed ${name}`,
        label: name,
        leftSection: <FileText {...icon} />,
        onClick: () => void navigate({ to: '/feeds/$feed', params: { feed: name } }),
      })),
    },
    {
      group: t.places.contracts,
      actions: (contracts.data ?? []).map(({ event }) => ({
        id: `contract ${event}`,
        label: event,
        leftSection: <FileCheck2 {...icon} />,
        onClick: () => void navigate({ to: '/contracts/$event', params: { event } }),
      })),
    },
    {
      group: t.places.people,
      // The server has found them, by more than the label says.
      actions: (words === '' ? [] : (people.data ?? [])).map((person) => ({
        id: `person ${person.shopper}`,
        label: person.name ? `${person.name} · ${person.label}` : says.shopper(person.label),
        keywords: `${person.shopper} ${query}`,
        leftSection: <User {...icon} />,
        onClick: () => void navigate({ to: '/people/$shopper', params: { shopper: person.shopper } }),
      })),
    },
  ]

  return (
    <Spotlight
      actions={actions}
      shortcut="/"
      query={query}
      onQueryChange={setQuery}
      limit={12}
      scrollable
      maxHeight={440}
      highlightQuery
      attributes={{ content: { 'aria-label': says.label } }}
      nothingFound={says.nothing}
      searchProps={{ placeholder: says.placeholder, leftSection: <Search {...icon} />, 'aria-label': says.label }}
    />
  )
}
