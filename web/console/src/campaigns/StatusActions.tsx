import { useDeleteCampaign, useMay, useSetCampaignStatus, type Campaign, type Step } from '@aisle/api'
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
export function StatusActions({ campaign: { id, name, status }, needsApproval }: { campaign: Campaign; needsApproval: boolean }) {
  const set = useSetCampaignStatus()
  const remove = useDeleteCampaign()
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
        set={(to, outcome) => set.mutate({ campaign: id, status: to }, outcome)}
        remove={(outcome) => remove.mutate(id, outcome)}
        onCopy={() => void navigate({ to: '/campaigns/new', search: { template: `copy:${id}` } })}
        onRemoved={() => void navigate({ to: '/campaigns' })}
      />
    </>
  )
}
