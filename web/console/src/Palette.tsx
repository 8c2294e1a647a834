import { useCampaigns, useContracts, useFeeds, useFoundPeople, useScenarios, useShapes, useShops, useSignOut } from '@aisle/api'
import { campaignState } from '@aisle/ui'
import { useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight'
import { useNavigate } from '@tanstack/react-router'
import { Activity, BrainCircuit, Building2, Cctv, FileCheck2, FileText, FlaskConical, Funnel, Inbox, KeyRound, LogOut, Map, Megaphone, MessageSquareText, Moon, Plug, Plus, Route, ScanFace, ScrollText, Search, ServerCog, Settings, ShieldCheck, Sigma, Sun, User, UserCheck, UserRound, UserRoundCog, Users } from 'lucide-react'
import { useState } from 'react'
import { useWaitingForMe } from './campaigns/waiting'
import { decisionIn } from './decisions/name'

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
  const shops = useShops()
  const shapes = useShapes()
  const contracts = useContracts()
  const feeds = useFeeds()
  const signOut = useSignOut()
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light') === 'dark'
  const decision = decisionIn(query)

  const actions: SpotlightActionGroupData[] = [
    {
      group: 'Go to',
      actions: [
        { id: 'campaigns', label: 'Campaigns', leftSection: <Megaphone {...icon} />, onClick: () => void navigate({ to: '/campaigns' }) },
        { id: 'scenarios', label: 'Scenarios', keywords: 'pattern steps wait', leftSection: <Route {...icon} />, onClick: () => void navigate({ to: '/scenarios' }) },
        { id: 'segments', label: 'Segments', keywords: 'audience rule group of shoppers', leftSection: <Funnel {...icon} />, onClick: () => void navigate({ to: '/segments' }) },
        { id: 'experiments', label: 'Experiments', keywords: 'holdout control lift compare a/b', leftSection: <FlaskConical {...icon} />, onClick: () => void navigate({ to: '/experiments' }) },
        { id: 'model', label: 'Model', keywords: 'learned calibration drift roll back versions own', leftSection: <BrainCircuit {...icon} />, onClick: () => void navigate({ to: '/model' }) },
        { id: 'decisions', label: 'Decisions', keywords: 'why', leftSection: <Activity {...icon} />, onClick: () => void navigate({ to: '/decisions' }) },
        { id: 'people', label: 'People', keywords: 'shoppers', leftSection: <Users {...icon} />, onClick: () => void navigate({ to: '/people' }) },
        { id: 'features', label: 'Features', keywords: 'known folded counts', leftSection: <Sigma {...icon} />, onClick: () => void navigate({ to: '/features' }) },
        { id: 'recognition', label: 'Recognition', keywords: 'faces enrolled threshold camera', leftSection: <ScanFace {...icon} />, onClick: () => void navigate({ to: '/recognition' }) },
        { id: 'shops', label: 'Shops', keywords: 'floor plan zones', leftSection: <Building2 {...icon} />, onClick: () => void navigate({ to: '/shops' }) },
        { id: 'now', label: 'Shop now', keywords: 'staff dashboard live', leftSection: <Map {...icon} />, onClick: () => location.assign('/staff/') },
        { id: 'cameras', label: 'Cameras', keywords: 'video rtsp frigate tablet floor', leftSection: <Cctv {...icon} />, onClick: () => void navigate({ to: '/cameras' }) },
        { id: 'sandbox', label: 'Sandbox messages', keywords: 'sms phone', leftSection: <MessageSquareText {...icon} />, onClick: () => void navigate({ to: '/sandbox' }) },
        { id: 'feeds', label: 'Files and logs', keywords: 'csv import ingest parser', leftSection: <FileText {...icon} />, onClick: () => void navigate({ to: '/feeds' }) },
        { id: 'contracts', label: 'Contracts', keywords: 'json schema', leftSection: <FileCheck2 {...icon} />, onClick: () => void navigate({ to: '/contracts' }) },
        { id: 'quarantine', label: 'Quarantine', keywords: 'bad errors replay', leftSection: <Inbox {...icon} />, onClick: () => void navigate({ to: '/quarantine' }) },
        { id: 'sources', label: 'Sources', keywords: 'write key drift mapping', leftSection: <Plug {...icon} />, onClick: () => void navigate({ to: '/sources' }) },
        { id: 'privacy', label: 'Privacy requests', leftSection: <ShieldCheck {...icon} />, onClick: () => void navigate({ to: '/privacy' }) },
        { id: 'keys', label: 'API keys', leftSection: <KeyRound {...icon} />, onClick: () => void navigate({ to: '/keys' }) },
        { id: 'audit', label: 'Audit', leftSection: <ScrollText {...icon} />, onClick: () => void navigate({ to: '/audit' }) },
        { id: 'account', label: 'My account', leftSection: <UserRound {...icon} />, onClick: () => void navigate({ to: '/account' }) },
        { id: 'team', label: 'Team', leftSection: <UserRoundCog {...icon} />, onClick: () => void navigate({ to: '/team' }) },
        { id: 'settings', label: 'Settings', keywords: 'house limits caps quiet hours budget holdout approvals', leftSection: <Settings {...icon} />, onClick: () => void navigate({ to: '/settings' }) },
        { id: 'system', label: 'System', leftSection: <ServerCog {...icon} />, onClick: () => void navigate({ to: '/system' }) },
      ],
    },
    {
      group: 'Do',
      actions: [
        ...(decision
          ? [{ id: 'why', label: `Why decision ${decision}`, keywords: query, leftSection: <Search {...icon} />, onClick: () => void navigate({ to: '/decisions/$decision', params: { decision } }) }]
          : []),
        ...waiting.map(({ id, name, asked_by }) => ({
          id: `approve ${id}`,
          label: `Look at “${name}”, which waits for approval`,
          description: `${asked_by} asked`,
          keywords: 'approve second person',
          leftSection: <UserCheck {...icon} />,
          onClick: () => void navigate({ to: '/campaigns/$campaign', params: { campaign: id } }),
        })),
        { id: 'new-campaign', label: 'New campaign', leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/campaigns/new' }) },
        { id: 'new-scenario', label: 'New scenario', leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/scenarios/new' }) },
        { id: 'new-segment', label: 'New segment', leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/segments/new' }) },
        { id: 'new-shop', label: 'New shop', leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/shops/new' }) },
        { id: 'new-feed', label: 'Read a file or log', keywords: 'csv import', leftSection: <Plus {...icon} />, onClick: () => void navigate({ to: '/feeds/new' }) },
        { id: 'scheme', label: dark ? 'Light colours' : 'Dark colours', keywords: 'theme', leftSection: dark ? <Sun {...icon} /> : <Moon {...icon} />, onClick: () => setColorScheme(dark ? 'light' : 'dark') },
        { id: 'sign-out', label: 'Sign out', leftSection: <LogOut {...icon} />, onClick: () => signOut.mutate() },
      ],
    },
    {
      group: 'Campaigns',
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
      group: 'Scenarios',
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
      group: 'Shops',
      actions: (shops.data ?? []).map((shop) => ({
        id: `shop ${shop.id}`,
        label: shop.name,
        keywords: shop.id,
        leftSection: <Building2 {...icon} />,
        onClick: () => void navigate({ to: '/shops/$shop', params: { shop: shop.id } }),
      })),
    },
    {
      group: 'Sources',
      actions: [...new Set((shapes.data ?? []).map(({ source }) => source))].map((name) => ({
        id: `source ${name}`,
        label: name,
        leftSection: <Plug {...icon} />,
        onClick: () => void navigate({ to: '/sources/source', search: { name } }),
      })),
    },
    {
      group: 'Files and logs',
      actions: (feeds.data ?? []).map(({ name }) => ({
        id: `feed ${name}`,
        label: name,
        leftSection: <FileText {...icon} />,
        onClick: () => void navigate({ to: '/feeds/$feed', params: { feed: name } }),
      })),
    },
    {
      group: 'Contracts',
      actions: (contracts.data ?? []).map(({ event }) => ({
        id: `contract ${event}`,
        label: event,
        leftSection: <FileCheck2 {...icon} />,
        onClick: () => void navigate({ to: '/contracts/$event', params: { event } }),
      })),
    },
    {
      group: 'People',
      // The server has found them, by more than the label says.
      actions: (words === '' ? [] : (people.data ?? [])).map((person) => ({
        id: `person ${person.shopper}`,
        label: person.name ? `${person.name} · ${person.label}` : `Shopper ${person.label}`,
        keywords: `${person.shopper} ${query}`,
        leftSection: <User {...icon} />,
        onClick: () => void navigate({ to: '/people/$shopper', params: { shopper: person.shopper } }),
      })),
    },
  ]

  return (
    <Spotlight
      actions={actions}
      shortcut={['mod + K', '/']}
      query={query}
      onQueryChange={setQuery}
      limit={12}
      scrollable
      maxHeight={440}
      highlightQuery
      attributes={{ content: { 'aria-label': 'Search or jump to' } }}
      nothingFound="Nothing of that name. Try a campaign, a shopper’s four letters, or a decision’s id."
      searchProps={{ placeholder: 'Search or jump to…', leftSection: <Search {...icon} />, 'aria-label': 'Search or jump to' }}
    />
  )
}
