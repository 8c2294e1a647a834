import { useCampaigns, useMay, useShops, type CampaignStatus } from '@aisle/api'
import { campaignState, count, Empty, millis, percent, Spark, Status, useNow } from '@aisle/ui'
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { useInViewport } from '@mantine/hooks'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowDown, ArrowUp, Plus, Search } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { Loaded, Page } from '../Page'
import { campaignStatuses } from '../router'
import { CampaignTiles } from './CampaignTiles'
import { ListMenu } from './ListMenu'
import { lineOf, matches, nextSort, sorted, standing, type Column, type Line } from './table'
import { LinkButton } from '../LinkButton'
import { t } from './words'

const route = getRouteApi('/shell/campaigns')

export default function CampaignsPage() {
  const campaigns = useCampaigns()
  const may = useMay('marketer', 'approver', 'admin')
  return (
    <Page
      title={t.list.title}
      actions={
        may && (
          <LinkButton to="/campaigns/new" leftSection={<Plus size={14} />}>
            {t.list.add}
          </LinkButton>
        )
      }
    >
      <CampaignTiles totals={campaigns.data?.totals} />
      <Loaded of={campaigns} height={480}>
        {({ campaigns }) => <CampaignsTable campaigns={campaigns} may={may} />}
      </Loaded>
    </Page>
  )
}

function CampaignsTable({ campaigns, may }: { campaigns: Line['of'][]; may: boolean }) {
  const { status, q, sort } = route.useSearch()
  const navigate = route.useNavigate()
  const shops = useShops()
  const all = useMemo(() => campaigns.map((campaign) => lineOf(campaign, shops.data ?? [])), [campaigns, shops.data])
  const lines = sorted(
    all.filter((line) => (!status || line.of.campaign.status === status) && (!q || matches(line, q))),
    sort,
  )
  const now = useNow(30_000)
  const [most, setMost] = useState(page)
  const number = (status: CampaignStatus) => all.filter((line) => line.of.campaign.status === status).length

  if (all.length === 0) {
    return (
      <div className="card">
        <Empty title={t.list.none} action={may && <LinkButton to="/campaigns/new">{t.list.first}</LinkButton>}>
          {t.list.noneMore}
        </Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label={t.list.label}>
      <div className="list-head">
        <SegmentedControl
          aria-label={t.list.status}
          value={status ?? 'all'}
          onChange={(value) => void navigate({ search: (before) => ({ ...before, status: value === 'all' ? undefined : (value as CampaignStatus) }), replace: true })}
          data={[{ value: 'all', label: t.list.all(count(all.length)) }, ...campaignStatuses.map((value) => ({ value, label: `${campaignState(value).word} ${count(number(value))}` }))]}
        />
        <span className="row">
          <TextInput
            aria-label={t.list.filter}
            placeholder={t.list.filter}
            leftSection={<Search size={14} />}
            w={220}
            value={q ?? ''}
            onChange={({ currentTarget: { value } }) => void navigate({ search: (before) => ({ ...before, q: value || undefined }), replace: true })}
          />
          <ListMenu lines={lines} />
        </span>
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <SortHead column="name" sort={sort}>
                {t.campaign}
              </SortHead>
              <th scope="col">{t.list.status}</th>
              <th scope="col">{t.list.where}</th>
              <SortHead column="sent" sort={sort} right>
                {t.list.sent}
              </SortHead>
              <SortHead column="redeemed" sort={sort} right>
                {t.list.redeemed}
              </SortHead>
              <SortHead column="p95" sort={sort} right>
                {t.list.p95}
              </SortHead>
              <th scope="col" style={{ width: 94 }}>
                {t.list.days}
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.slice(0, most).map((line) => (
              <CampaignRow key={line.of.campaign.id} line={line} now={now} />
            ))}
          </tbody>
        </table>
      </div>
      {lines.length > most && <More key={most} onShow={() => setMost(most + page)} />}
      {lines.length === 0 && (
        <Empty
          title={t.list.nothing}
          action={
            <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
              {t.list.showAll}
            </Button>
          }
        >
          {t.list.nothingMore}
        </Empty>
      )}
      <p className="list-foot num">{lines.length === all.length ? t.list.campaigns(all.length) : t.list.some(lines.length, all.length)}</p>
    </section>
  )
}

/** How many rows are drawn at first, and more each time the end of them is seen. */
const page = 100

function More({ onShow }: { onShow: () => void }) {
  const { ref, inViewport } = useInViewport<HTMLButtonElement>()
  useEffect(() => {
    if (inViewport) onShow()
  }, [inViewport, onShow])
  return (
    <p className="list-foot">
      <Button ref={ref} variant="subtle" onClick={onShow}>
        {t.list.more}
      </Button>
    </p>
  )
}

function SortHead({ column, sort, right, children }: { column: Column; sort: string | undefined; right?: boolean; children: string }) {
  const navigate = route.useNavigate()
  const up = sort === column
  const down = sort === `-${column}`
  return (
    <th scope="col" className={right ? 'n' : undefined} aria-sort={up ? 'ascending' : down ? 'descending' : undefined}>
      <button type="button" className="sort" onClick={() => void navigate({ search: (before) => ({ ...before, sort: nextSort(sort, column) }), replace: true })}>
        {children}
        {up ? <ArrowUp size={12} aria-hidden /> : <ArrowDown size={12} aria-hidden />}
      </button>
    </th>
  )
}

const waits = ({ campaign, approval }: Line['of']) => approval?.state === 'asked' && approval.version === campaign.version

function CampaignRow({ line, now }: { line: Line; now: number }) {
  const { campaign } = line.of
  const live = campaign.status === 'live'
  return (
    <tr>
      <td>
        <Link className="whole" dir="auto" to="/campaigns/$campaign" params={{ campaign: campaign.id }}>
          {campaign.name}
        </Link>
        <br />
        <span className="dim small" dir="auto">
          {line.offers || t.list.noOffer}
        </span>
      </td>
      <td>
        <Status state={waits(line.of) ? { word: t.list.toApprove, tone: 'info' } : standing(campaign, now)} />
      </td>
      <td>{line.where}</td>
      <td className="n">{line.sent ? count(line.sent) : '–'}</td>
      <td className="n">{line.redeemedShare === undefined ? '–' : percent(line.redeemedShare)}</td>
      <td className="n">{line.p95Ms === undefined ? '–' : millis(line.p95Ms)}</td>
      <td>
        <Spark values={line.sentByDay} color={live ? 'var(--ch-2)' : 'var(--text-faint)'} />
      </td>
    </tr>
  )
}
