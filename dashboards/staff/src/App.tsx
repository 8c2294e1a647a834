import { LiveProvider, ReplayProvider, useLive, useMay, useSession, useShops } from '@aisle/api'
import { clock, Empty, Failure, Mark, useStale } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useDocumentTitle, useHotkeys } from '@mantine/hooks'
import { useQueryClient } from '@tanstack/react-query'
import { Unplug } from 'lucide-react'
import { lazy, Suspense, useEffect, type ReactNode } from 'react'
import { BusiestZones } from './BusiestZones'
import { ConversionChart } from './ConversionChart'
import { Figures } from './Figures'
import { HelpNext } from './HelpNext'
import { LatencyChart } from './LatencyChart'
import { OffersFeed } from './OffersFeed'
import { PersonDrawer } from './PersonDrawer'
import { Rail } from './Rail'
import { replayAddress, replayFrom, replayLength } from './replay'
import { ReplayBar } from './ReplayBar'
import { ShopFloor } from './ShopFloor'
import { TopBar } from './TopBar'
import { useView } from './url'
import { t } from './words'
import { WhyDrawer } from './WhyDrawer'

const ScanPage = lazy(() => import('./scan/ScanPage'))

/** The staff's screen: for whoever is signed in, one shop as it is now. */
export function App() {
  const session = useSession()
  if (session.error && !session.data) return <Alone><Failure error={session.error} retry={session.refetch} /></Alone>
  if (!session.data) return <Alone />
  if (!session.data.person) return <ToSignIn />
  if (location.pathname === '/staff/scan') return <Suspense fallback={<Alone />}><ScanPage /></Suspense>
  return <Dashboard />
}

/** The console has the one page to sign in; it comes back here. */
function ToSignIn() {
  useEffect(() => location.replace(`/console/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`), [])
  return <Alone />
}

const Alone = ({ children }: { children?: ReactNode }) => (
  <main className="alone">
    <Mark size={40} />
    {children}
  </main>
)

function Dashboard() {
  const shops = useShops()
  const [view, change] = useView()
  const staff = useMay('staff')
  const mayDraw = useMay('marketer')
  const shop = shops.data?.find(({ id }) => id === view.shop) ?? shops.data?.[0]

  const live = () => change({ replay: undefined })
  useHotkeys([['L', live]], ['SELECT']) // the line of a replay is an input too

  if (shops.error && !shops.data) return <Alone><Failure error={shops.error} retry={shops.refetch} /></Alone>
  if (shops.data?.length === 0) {
    return (
      <Alone>
        <Empty title={t.noShop} action={mayDraw && <Button component="a" href="/console/set-up">{t.setUp}</Button>}>{t.noShopYet}</Empty>
      </Alone>
    )
  }
  const replay = (from: number) => change({ replay: replayAddress(from) })
  return (
    <Time shop={shop?.id} from={view.replay}>
      <div className="shell">
        <Rail shop={shop?.id} />
        <TopBar shops={shops.data ?? []} shop={shop} onShop={(id) => change({ shop: id })} onReplay={staff && view.replay === undefined ? replay : undefined} />
        <div className="stage">
          <Stale timeZone={shop?.time_zone} />
          <ReplayBar timeZone={shop?.time_zone} onMove={replay} onLive={live} />
          <Board name={shop?.name}>
            <Figures />
            <ShopFloor zone={view.zone} onZone={(zone) => change({ zone })} onWho={staff ? (who) => change({ who }) : undefined} />
            <div className="side">
              <OffersFeed open={view.why} onOpen={(why) => change({ why })} />
              {staff && <HelpNext open={view.who} onOpen={(who) => change({ who })} />}
            </div>
            <LatencyChart />
            <ConversionChart />
            <BusiestZones selected={view.zone} onZone={(zone) => change({ zone })} />
          </Board>
        </div>
        <PersonDrawer shopper={view.who} onClose={() => change({ who: undefined })} onWhy={(why) => change({ who: undefined, why })} />
        <WhyDrawer decision={view.why} onClose={() => change({ why: undefined })} />
      </div>
    </Time>
  )
}

/** The shop as it is now, or as it was in ten minutes that have passed. */
function Time({ shop, from: asked, children }: { shop: string | undefined; from: string | undefined; children: ReactNode }) {
  const from = replayFrom(asked)
  if (from === undefined || shop === undefined) return <LiveProvider shop={shop}>{children}</LiveProvider>
  return <ReplayProvider shop={shop} from={from} until={from + replayLength}>{children}</ReplayProvider>
}

/** Says that what is shown is not the shop as it is, and what will be done about it. */
function Stale({ timeZone }: { timeZone: string | undefined }) {
  const stale = useStale()
  const heard = useLive((live) => live.heard)
  if (!stale || heard === undefined) return null
  return (
    <p className="stale" role="alert">
      <Unplug size={15} aria-hidden /> {t.stale(clock(heard, timeZone))}
    </p>
  )
}

/** Where the server refuses to go on, the shop is gone or nobody is signed in any more: what was known is asked anew. */
function useRefused() {
  const refused = useLive(({ problem }) => problem !== undefined && problem.status >= 400 && problem.status < 500)
  const client = useQueryClient()
  useEffect(() => {
    if (refused) void client.invalidateQueries()
  }, [refused, client])
}

/** What is shown of the shop; amber while it is too old to be taken for now. */
function Board({ name, children }: { name: string | undefined; children: ReactNode }) {
  const stale = useStale()
  useRefused()
  useDocumentTitle(name ? t.title(name) : `${t.shopNow} · Aisle`)
  return (
    <main className="board" data-stale={stale || undefined}>
      <h1 className="hidden">{name ? t.nowIn(name) : t.shopNow}</h1>
      {children}
    </main>
  )
}
