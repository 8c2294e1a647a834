import { useCampaigns, useMay, useShops, type CampaignStatus } from '@aisle/api'
import { campaignState, count, Empty, millis, percent, plural, Spark, Status } from '@aisle/ui'
import { Button, SegmentedControl, TextInput } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { ArrowDown, ArrowUp, Plus, Search } from 'lucide-react'
import { useMemo } from 'react'
import { Loaded, Page } from '../Page'
import { campaignStatuses } from '../router'
import { CampaignTiles } from './CampaignTiles'
import { ListMenu } from './ListMenu'
import { lineOf, matches, nextSort, sorted, type Column, type Line } from './table'
import { LinkButton } from '../LinkButton'

const route = getRouteApi('/shell/campaigns')

export default function CampaignsPage() {
  const campaigns = useCampaigns()
  const may = useMay('marketer', 'approver', 'admin')
  return (
    <Page
      title="Campaigns"
      actions={
        may && (
          <LinkButton to="/campaigns/new" leftSection={<Plus size={14} />}>
            New campaign
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
  const number = (status: CampaignStatus) => all.filter((line) => line.of.campaign.status === status).length

  if (all.length === 0) {
    return (
      <div className="card">
        <Empty title="No campaign yet" action={may && <LinkButton to="/campaigns/new">Write the first campaign</LinkButton>}>
          A campaign says when to speak, to whom, and what to offer. Once one is live, what it sent and what came of it is counted here.
        </Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label="List of campaigns">
      <div className="list-head">
        <SegmentedControl
          aria-label="Status"
          value={status ?? 'all'}
          onChange={(value) => void navigate({ search: (before) => ({ ...before, status: value === 'all' ? undefined : (value as CampaignStatus) }), replace: true })}
          data={[{ value: 'all', label: `All ${all.length}` }, ...campaignStatuses.map((value) => ({ value, label: `${campaignState(value).word} ${number(value)}` }))]}
        />
        <span className="row">
          <TextInput
            aria-label="Filter campaigns"
            placeholder="Filter campaigns"
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
                Campaign
              </SortHead>
              <th scope="col">Status</th>
              <th scope="col">Where</th>
              <SortHead column="sent" sort={sort} right>
                Sent, 14 d
              </SortHead>
              <SortHead column="redeemed" sort={sort} right>
                Redeemed, 14 d
              </SortHead>
              <SortHead column="p95" sort={sort} right>
                p95, 14 d
              </SortHead>
              <th scope="col" style={{ width: 94 }}>
                14 days
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <CampaignRow key={line.of.campaign.id} line={line} />
            ))}
          </tbody>
        </table>
      </div>
      {lines.length === 0 && (
        <Empty
          title="Nothing matches"
          action={
            <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
              Show all campaigns
            </Button>
          }
        >
          No campaign has this status and these words.
        </Empty>
      )}
      <p className="list-foot num">
        {lines.length === all.length ? plural(all.length, 'campaign') : `${lines.length} of ${plural(all.length, 'campaign')}`}
      </p>
    </section>
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

function CampaignRow({ line }: { line: Line }) {
  const { campaign } = line.of
  const live = campaign.status === 'live'
  return (
    <tr>
      <td>
        <Link className="whole" to="/campaigns/$campaign" params={{ campaign: campaign.id }}>
          {campaign.name}
        </Link>
        <br />
        <span className="dim small">{line.offers || 'No offer yet'}</span>
      </td>
      <td>
        <Status state={waits(line.of) ? { word: 'To approve', tone: 'info' } : campaignState(campaign.status)} />
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
