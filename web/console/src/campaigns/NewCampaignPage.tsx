import { useCampaign, useCreateCampaign, useShops, type CampaignDraft, type Shop } from '@aisle/api'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { ForWriters, Loaded, Page } from '../Page'
import { done } from '../say'
import { CampaignForm } from './CampaignForm'
import { TemplateChoices } from './TemplateChoices'
import { copyOf, templates } from './templates'
import { LinkButton } from '../LinkButton'
import { t } from './words'

const route = getRouteApi('/shell/campaigns/new')

/** A template is chosen first, then the form is filled in. */
export default function NewCampaignPage() {
  const { template } = route.useSearch()
  const shops = useShops()
  const copied = template?.startsWith('copy:') ? template.slice('copy:'.length) : undefined
  const chosen = templates.find(({ id }) => id === template)
  if (!template || (!chosen && !copied)) {
    return (
      <Page title={t.add.title} note={t.add.note}>
        <ForWriters>
          <TemplateChoices />
        </ForWriters>
      </Page>
    )
  }
  return (
    <Page
      title={t.add.title}
      note={chosen ? chosen.says : t.add.copied}
      actions={
        <LinkButton to="/campaigns/new" variant="default">
          {t.add.another}
        </LinkButton>
      }
    >
      <ForWriters>
        <Loaded of={shops} height={640}>
          {(shops) => (copied ? <Copied id={copied} shops={shops} /> : <Write draft={chosen!.draft(shops[0])} shops={shops} />)}
        </Loaded>
      </ForWriters>
    </Page>
  )
}

const Copied = ({ id, shops }: { id: string; shops: Shop[] }) => (
  <Loaded of={useCampaign(id)} height={640}>
    {({ campaign }) => <Write draft={copyOf(campaign)} shops={shops} />}
  </Loaded>
)

function Write({ draft, shops }: { draft: CampaignDraft; shops: Shop[] }) {
  const create = useCreateCampaign()
  const navigate = useNavigate()
  return (
    <CampaignForm
      campaign={draft}
      shops={shops}
      saveLabel={t.add.save}
      isNew
      error={create.error}
      onSave={async (campaign) => {
        const { id } = await create.mutateAsync(campaign)
        done(t.add.saved(campaign.name))
        await navigate({ to: '/campaigns/$campaign', params: { campaign: id } })
      }}
    />
  )
}
