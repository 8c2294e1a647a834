import { Empty, Skeleton } from '@aisle/ui'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router'
import { Shell } from './Shell'
import { LinkButton } from './LinkButton'
import { t } from './words'

/** The address holds the view: what is listed, how it is filtered, what is open. */

/** Words of the address, also those that are a number. */
const text = (value: unknown) => (typeof value === 'number' ? `${value}` : typeof value === 'string' && value !== '' ? value : undefined)
const oneOf =
  <T extends string>(...values: T[]) =>
  (value: unknown) =>
    values.find((known) => known === value)

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound })

const signIn = createRoute({
  getParentRoute: () => root,
  path: 'sign-in',
  validateSearch: (search): { to?: string | undefined; refused?: string | undefined } => ({ to: text(search.to), refused: text(search.refused) }),
  component: lazyRouteComponent(() => import('./session/SignInPage')),
})
const password = createRoute({ getParentRoute: () => root, path: 'password', component: lazyRouteComponent(() => import('./session/PasswordPage')) })
const setUp = createRoute({
  getParentRoute: () => root,
  path: 'set-up',
  component: lazyRouteComponent(() => import('./setup/SetUpPage')),
})

const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell })

const home = createRoute({
  getParentRoute: () => shell,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/campaigns', replace: true })
  },
})

export const campaignStatuses = ['live', 'paused', 'draft', 'archived'] as const
const campaigns = createRoute({
  getParentRoute: () => shell,
  path: 'campaigns',
  validateSearch: (search): { status?: (typeof campaignStatuses)[number] | undefined; q?: string | undefined; sort?: string | undefined } => ({
    status: oneOf(...campaignStatuses)(search.status),
    q: text(search.q),
    sort: text(search.sort),
  }),
  component: lazyRouteComponent(() => import('./campaigns/CampaignsPage')),
})
const newCampaign = createRoute({
  getParentRoute: () => shell,
  path: 'campaigns/new',
  validateSearch: (search): { template?: string | undefined } => ({ template: text(search.template) }),
  component: lazyRouteComponent(() => import('./campaigns/NewCampaignPage')),
})
export const campaignTabs = ['edit', 'results', 'history'] as const
const campaign = createRoute({
  getParentRoute: () => shell,
  path: 'campaigns/$campaign',
  validateSearch: (search): { tab?: (typeof campaignTabs)[number] | undefined } => ({ tab: oneOf(...campaignTabs)(search.tab) }),
  component: lazyRouteComponent(() => import('./campaigns/CampaignPage')),
})

const scenarios = createRoute({
  getParentRoute: () => shell,
  path: 'scenarios',
  validateSearch: (search): { status?: (typeof campaignStatuses)[number] | undefined } => ({ status: oneOf(...campaignStatuses)(search.status) }),
  component: lazyRouteComponent(() => import('./scenarios/ScenariosPage')),
})
const newScenario = createRoute({
  getParentRoute: () => shell,
  path: 'scenarios/new',
  validateSearch: (search): { template?: string | undefined } => ({ template: text(search.template) }),
  component: lazyRouteComponent(() => import('./scenarios/NewScenarioPage')),
})
export const scenarioTabs = ['now', 'edit', 'try', 'history'] as const
const scenario = createRoute({
  getParentRoute: () => shell,
  path: 'scenarios/$scenario',
  validateSearch: (search): { tab?: (typeof scenarioTabs)[number] | undefined } => ({ tab: oneOf(...scenarioTabs)(search.tab) }),
  component: lazyRouteComponent(() => import('./scenarios/ScenarioPage')),
})

const segments = createRoute({ getParentRoute: () => shell, path: 'segments', component: lazyRouteComponent(() => import('./segments/SegmentsPage')) })
const newSegment = createRoute({ getParentRoute: () => shell, path: 'segments/new', component: lazyRouteComponent(() => import('./segments/NewSegmentPage')) })
export const segmentTabs = ['edit', 'history'] as const
const segment = createRoute({
  getParentRoute: () => shell,
  path: 'segments/$segment',
  validateSearch: (search): { tab?: (typeof segmentTabs)[number] | undefined } => ({ tab: oneOf(...segmentTabs)(search.tab) }),
  component: lazyRouteComponent(() => import('./segments/SegmentPage')),
})

const experiments = createRoute({ getParentRoute: () => shell, path: 'experiments', component: lazyRouteComponent(() => import('./experiments/ExperimentsPage')) })

const decisions = createRoute({
  getParentRoute: () => shell,
  path: 'decisions',
  validateSearch: (search): { verdict?: 'offered' | 'no_offer' | 'held_out' | undefined; campaign?: string | undefined; shop?: string | undefined } => ({
    verdict: oneOf('offered', 'no_offer', 'held_out')(search.verdict),
    campaign: text(search.campaign),
    shop: text(search.shop),
  }),
  component: lazyRouteComponent(() => import('./decisions/DecisionsPage')),
})
const decision = createRoute({
  getParentRoute: () => shell,
  path: 'decisions/$decision',
  component: lazyRouteComponent(() => import('./decisions/DecisionPage')),
})

const people = createRoute({
  getParentRoute: () => shell,
  path: 'people',
  validateSearch: (search): { q?: string | undefined; here?: boolean | undefined; show?: 'alike' | undefined } => ({ q: text(search.q), here: search.here === true || undefined, show: oneOf('alike')(search.show) }),
  component: lazyRouteComponent(() => import('./people/PeoplePage')),
})
const person = createRoute({
  getParentRoute: () => shell,
  path: 'people/$shopper',
  component: lazyRouteComponent(() => import('./people/PersonPage')),
})
const personFeatures = createRoute({
  getParentRoute: () => shell,
  path: 'people/$shopper/features',
  validateSearch: (search): { all?: boolean | undefined } => ({ all: search.all === true || undefined }),
  component: lazyRouteComponent(() => import('./features/PersonFeaturesPage')),
})
const features = createRoute({
  getParentRoute: () => shell,
  path: 'features',
  validateSearch: (search): { q?: string | undefined } => ({ q: text(search.q) }),
  component: lazyRouteComponent(() => import('./features/FeaturesPage')),
})
const recognition = createRoute({
  getParentRoute: () => shell,
  path: 'recognition',
  validateSearch: (search): { footfall?: number | undefined } => ({
    footfall: typeof search.footfall === 'number' && search.footfall >= 0 ? Math.floor(search.footfall) : undefined,
  }),
  component: lazyRouteComponent(() => import('./recognition/RecognitionPage')),
})

const model = createRoute({ getParentRoute: () => shell, path: 'model', component: lazyRouteComponent(() => import('./model/ModelPage')) })

const shops = createRoute({ getParentRoute: () => shell, path: 'shops', component: lazyRouteComponent(() => import('./shops/ShopsPage')) })
const newShop = createRoute({ getParentRoute: () => shell, path: 'shops/new', component: lazyRouteComponent(() => import('./shops/NewShopPage')) })
export const shopTabs = ['plan', 'survey', 'health'] as const
const shop = createRoute({
  getParentRoute: () => shell,
  path: 'shops/$shop',
  validateSearch: (search): { tab?: (typeof shopTabs)[number] | undefined } => ({ tab: oneOf(...shopTabs)(search.tab) }),
  component: lazyRouteComponent(() => import('./shops/ShopPage')),
})

const cameras = createRoute({ getParentRoute: () => shell, path: 'cameras', component: lazyRouteComponent(() => import('./cameras/CamerasPage')) })
const camera = createRoute({ getParentRoute: () => shell, path: 'cameras/$camera', component: lazyRouteComponent(() => import('./cameras/CameraPage')) })

const sources = createRoute({ getParentRoute: () => shell, path: 'sources', component: lazyRouteComponent(() => import('./sources/SourcesPage')) })
export const sourceTabs = ['shape', 'changes', 'mapping', 'send'] as const
/** A source's name has a slash and may have dots, which a server takes for a file: so it is asked for. */
const source = createRoute({
  getParentRoute: () => shell,
  path: 'sources/source',
  validateSearch: (search): { name: string; tab?: (typeof sourceTabs)[number] | undefined; event?: string | undefined; judged?: boolean | undefined } => ({
    name: text(search.name) ?? '',
    tab: oneOf(...sourceTabs)(search.tab),
    event: text(search.event),
    judged: search.judged === true || undefined,
  }),
  component: lazyRouteComponent(() => import('./sources/SourcePage')),
})
const feeds = createRoute({ getParentRoute: () => shell, path: 'feeds', component: lazyRouteComponent(() => import('./feeds/FeedsPage')) })
const newFeed = createRoute({ getParentRoute: () => shell, path: 'feeds/new', component: lazyRouteComponent(() => import('./feeds/NewFeedPage')) })
const feed = createRoute({
  getParentRoute: () => shell,
  path: 'feeds/$feed',
  validateSearch: (search): { tab?: 'history' | undefined } => ({ tab: oneOf('history')(search.tab) }),
  component: lazyRouteComponent(() => import('./feeds/FeedPage')),
})
const contracts = createRoute({ getParentRoute: () => shell, path: 'contracts', component: lazyRouteComponent(() => import('./contracts/ContractsPage')) })
const contract = createRoute({
  getParentRoute: () => shell,
  path: 'contracts/$event',
  validateSearch: (search): { tab?: 'history' | undefined } => ({ tab: oneOf('history')(search.tab) }),
  component: lazyRouteComponent(() => import('./contracts/ContractPage')),
})
export const quarantineReasons = ['schema', 'encoding', 'clock', 'size', 'unknown', 'auth', 'bot', 'poison'] as const
export const quarantineStates = ['waiting', 'replaying', 'replayed', 'failed'] as const
export const quarantineSpans = ['1h', '24h', '7d', '30d'] as const
export interface QuarantineSearch {
  reason?: (typeof quarantineReasons)[number] | undefined
  source?: string | undefined
  state?: (typeof quarantineStates)[number] | undefined
  text?: string | undefined
  since?: (typeof quarantineSpans)[number] | undefined
  show?: 'each' | undefined
}
const quarantine = createRoute({
  getParentRoute: () => shell,
  path: 'quarantine',
  validateSearch: (search): QuarantineSearch => ({
    reason: oneOf(...quarantineReasons)(search.reason),
    source: text(search.source),
    state: oneOf(...quarantineStates)(search.state),
    text: text(search.text)?.slice(0, 200),
    since: oneOf(...quarantineSpans)(search.since),
    show: oneOf('each')(search.show),
  }),
  component: lazyRouteComponent(() => import('./quarantine/QuarantinePage')),
})
const quarantined = createRoute({
  getParentRoute: () => shell,
  path: 'quarantine/record',
  validateSearch: (search): { id: string } => ({ id: text(search.id) ?? '' }),
  component: lazyRouteComponent(() => import('./quarantine/RecordPage')),
})
const sandbox = createRoute({ getParentRoute: () => shell, path: 'sandbox', component: lazyRouteComponent(() => import('./sandbox/SandboxPage')) })
const team = createRoute({ getParentRoute: () => shell, path: 'team', component: lazyRouteComponent(() => import('./team/TeamPage')) })
const keys = createRoute({ getParentRoute: () => shell, path: 'keys', component: lazyRouteComponent(() => import('./team/KeysPage')) })
const audit = createRoute({
  getParentRoute: () => shell,
  path: 'audit',
  validateSearch: (search): { by?: string | undefined; what?: string | undefined } => ({ by: text(search.by), what: text(search.what) }),
  component: lazyRouteComponent(() => import('./team/AuditPage')),
})
const privacy = createRoute({ getParentRoute: () => shell, path: 'privacy', component: lazyRouteComponent(() => import('./privacy/PrivacyPage')) })
const account = createRoute({ getParentRoute: () => shell, path: 'account', component: lazyRouteComponent(() => import('./session/AccountPage')) })
const settings = createRoute({ getParentRoute: () => shell, path: 'settings', component: lazyRouteComponent(() => import('./settings/SettingsPage')) })
const system = createRoute({ getParentRoute: () => shell, path: 'system', component: lazyRouteComponent(() => import('./system/SystemPage')) })

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    setUp,
    password,
    shell.addChildren([home, campaigns, newCampaign, campaign, scenarios, newScenario, scenario, segments, newSegment, segment, experiments, model, decisions, decision, people, person, personFeatures, features, recognition, shops, newShop, shop, cameras, camera, sources, source, feeds, newFeed, feed, contracts, contract, quarantine, quarantined, sandbox, team, keys, audit, privacy, account, settings, system]),
  ]),
  basepath: import.meta.env.BASE_URL,
  defaultPreload: 'intent',
  defaultPendingMs: 200,
  defaultPendingComponent: Pending,
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

function Pending() {
  return (
    <div className="page stack" aria-busy="true">
      <Skeleton width={180} height={26} />
      <Skeleton height={320} />
    </div>
  )
}

function NotFound() {
  return (
    <Empty title={t.notFound.title} action={<LinkButton to="/campaigns">{t.notFound.go}</LinkButton>}>
      {t.notFound.says}
    </Empty>
  )
}
