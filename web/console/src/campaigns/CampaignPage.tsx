import { useCampaign, useCampaignHistory, useMay, useSaveCampaign, useShops, type Campaign, type CampaignWithStats } from '@aisle/api'
import { ago, CopyId, RawJson, Status, useNow } from '@aisle/ui'
import { Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Newer, useEdited } from '../edited'
import { Loaded, Page } from '../Page'
import { campaignTabs } from '../router'
import { done, failed } from '../say'
import { VersionHistory } from '../VersionHistory'
import { ApprovalNote } from './ApprovalNote'
import { CampaignForm } from './CampaignForm'
import { CampaignResults } from './CampaignResults'
import { StatusActions } from './StatusActions'
import { standing } from './table'
import { t } from './words'

const route = getRouteApi('/shell/campaigns/$campaign')

export default function CampaignPage() {
  const { campaign: id } = route.useParams()
  const asked = useCampaign(id)
  const campaign = asked.data?.campaign
  const now = useNow(30_000)
  return (
    <Page
      title={campaign?.name ?? t.campaign}
      beside={campaign && <Status state={standing(campaign, now)} />}
      note={<CopyId value={id} label={t.page.id} />}
      actions={campaign && <StatusActions campaign={campaign} needsApproval={asked.data?.approval?.needed === true} />}
    >
      {campaign && asked.data?.approval && campaign.status !== 'archived' && <ApprovalNote campaign={campaign} approval={asked.data.approval} />}
      <Loaded of={asked} height={640}>
        {(data) => <Whole data={data} />}
      </Loaded>
    </Page>
  )
}

function Whole({ data }: { data: CampaignWithStats }) {
  const { tab = 'edit' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Tabs value={tab} onChange={(value) => void navigate({ search: { tab: campaignTabs.find((name) => name === value) }, replace: true })} keepMounted={false}>
      <Tabs.List mb={16}>
        {campaignTabs.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {t.page[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="edit">
        <Edit data={data} />
      </Tabs.Panel>
      <Tabs.Panel value="results">
        <CampaignResults campaign={data.campaign} stats={data.stats} />
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <History campaign={data.campaign} />
      </Tabs.Panel>
    </Tabs>
  )
}

function Edit({ data: { campaign } }: { data: CampaignWithStats }) {
  const shops = useShops()
  const save = useSaveCampaign()
  const { key, edited, onDirty, newer } = useEdited(campaign, save.reset)
  const may = useMay('marketer', 'approver', 'admin')
  const now = useNow(30_000)
  return (
    <Loaded of={shops} height={640}>
      {(shops) => (
        <CampaignForm
          key={key}
          campaign={edited}
          shops={shops}
          readOnly={!may || campaign.status === 'archived'}
          saveLabel={t.page.save}
          onSave={async (changed) => {
            await save.mutateAsync(changed)
            done(t.page.saved(changed.name))
          }}
          onDirty={onDirty}
          error={newer ? undefined : save.error}
          aside={
            <>
              {newer && <Newer {...newer} />}
              <section className="card block" aria-label={t.page.about}>
                <dl className="facts">
                  <dt>{t.page.version}</dt>
                  <dd className="num">{campaign.version}</dd>
                  <dt>{t.page.changed}</dt>
                  <dd>{campaign.updated ? ago(campaign.updated, now) : '–'}</dd>
                </dl>
                <RawJson value={campaign} label={t.page.json} />
              </section>
            </>
          }
        />
      )}
    </Loaded>
  )
}

function History({ campaign }: { campaign: Campaign }) {
  const save = useSaveCampaign()
  const may = useMay('marketer', 'approver', 'admin')
  const takeBack = (older: Campaign) => void save.mutateAsync({ ...older, version: campaign.version }).then(() => done(t.page.tookBack(older.name, older.version)), failed)
  return (
    <Loaded of={useCampaignHistory(campaign.id)}>
      {(versions) => <VersionHistory versions={versions.map(({ campaign: document, at, by }) => ({ document, at, by }))} takeBack={may && campaign.status !== 'archived' ? takeBack : undefined} />}
    </Loaded>
  )
}
