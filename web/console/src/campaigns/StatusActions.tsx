import { useDeleteCampaign, useMay, useRestoreCampaign, useSetCampaignStatus, type Campaign, type Step } from '@aisle/api'
import { useNavigate } from '@tanstack/react-router'
import { LifeActions, type Question } from '../LifeActions'
import { LinkButton } from '../LinkButton'
import { t } from './words'

const questions: Record<Step | 'remove', Question> = {
  live: { ...t.status.live, color: 'iris' },
  pause: { ...t.status.pause, color: 'iris' },
  archive: { ...t.status.archive, color: 'red' },
  remove: { ...t.status.remove, color: 'red' },
}

/** What can be done with a campaign where it stands. */
export function StatusActions({ campaign, needsApproval }: { campaign: Campaign; needsApproval: boolean }) {
  const { id, name, status } = campaign
  const set = useSetCampaignStatus()
  const remove = useDeleteCampaign()
  const restore = useRestoreCampaign()
  const navigate = useNavigate()
  const may = useMay('marketer', 'approver', 'admin')
  if (!may) return null
  return (
    <>
      <LinkButton to="/decisions" search={{ campaign: id }} variant="default">
        {t.status.decisions}
      </LinkButton>
      <LifeActions
        name={name}
        status={status}
        questions={questions}
        mayGoLive={!needsApproval}
        setting={set.isPending}
        set={(to) => set.mutateAsync({ campaign: id, status: to })}
        remove={() => remove.mutateAsync(id)}
        restore={() => restore.mutateAsync(campaign)}
        onCopy={() => void navigate({ to: '/campaigns/new', search: { template: `copy:${id}` } })}
        onRemove={() => void navigate({ to: '/campaigns', ignoreBlocker: true })}
      />
    </>
  )
}
