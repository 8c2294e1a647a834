import { useDeleteCampaign, useMay, useSetCampaignStatus, type Campaign, type Step } from '@aisle/api'
import { useNavigate } from '@tanstack/react-router'
import { LifeActions, type Question } from '../LifeActions'
import { LinkButton } from '../LinkButton'

const questions: Record<Step | 'remove', Question> = {
  live: { title: 'Send this campaign live?', says: 'From now on it may speak to shoppers who gave their consent.', yes: 'Send it live', did: 'is live', color: 'iris' },
  pause: { title: 'Pause this campaign?', says: 'It says nothing more until it is sent live again. Offers that shoppers have stay theirs.', yes: 'Pause it', did: 'is paused', color: 'iris' },
  archive: { title: 'Archive this campaign?', says: 'It says nothing more and cannot be changed. What came of it stays to be read.', yes: 'Archive it', did: 'is archived', color: 'red' },
  remove: { title: 'Remove this campaign?', says: 'It is gone for good, with its history. Decisions that it made stay explained.', yes: 'Remove it', did: 'is removed', color: 'red' },
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
        Its decisions
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
