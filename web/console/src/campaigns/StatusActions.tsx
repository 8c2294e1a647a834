import { useDeleteCampaign, useMay, useSetCampaignStatus, type Campaign, type Step } from '@aisle/api'
import { ActionIcon, Button, Menu } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useNavigate } from '@tanstack/react-router'
import { Archive, Copy, Ellipsis, Pause, Play, Trash2 } from 'lucide-react'
import { done, failed } from '../say'
import { LinkButton } from '../LinkButton'

interface Question {
  title: string
  says: string
  yes: string
  did: string
  color: string
}

const questions: Record<Step, Question> = {
  live: { title: 'Send this campaign live?', says: 'From now on it may speak to shoppers who gave their consent.', yes: 'Send it live', did: 'is live', color: 'iris' },
  pause: { title: 'Pause this campaign?', says: 'It says nothing more until it is sent live again. Offers that shoppers have stay theirs.', yes: 'Pause it', did: 'is paused', color: 'iris' },
  archive: { title: 'Archive this campaign?', says: 'It says nothing more and cannot be changed. What came of it stays to be read.', yes: 'Archive it', did: 'is archived', color: 'red' },
}

/** What can be done with a campaign where it stands, asked first. */
export function StatusActions({ campaign }: { campaign: Campaign }) {
  const set = useSetCampaignStatus()
  const remove = useDeleteCampaign()
  const navigate = useNavigate()
  const may = useMay('marketer', 'admin')
  if (!may) return null

  const ask = (status: Step) => {
    const { title, says, yes, did, color } = questions[status]
    modals.openConfirmModal({
      title,
      children: <p className="dim">{says}</p>,
      labels: { confirm: yes, cancel: 'Cancel' },
      confirmProps: { color },
      onConfirm: () => set.mutate({ campaign: campaign.id, status }, { onSuccess: () => done(`“${campaign.name}” ${did}.`), onError: failed }),
    })
  }
  const askRemove = () =>
    modals.openConfirmModal({
      title: 'Remove this campaign?',
      children: <p className="dim">It is gone for good, with its history. Decisions that it made stay explained.</p>,
      labels: { confirm: 'Remove it', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        remove.mutate(campaign.id, {
          onSuccess: () => {
            done(`“${campaign.name}” is removed.`)
            void navigate({ to: '/campaigns' })
          },
          onError: failed,
        }),
    })

  const live = campaign.status === 'live'
  const archived = campaign.status === 'archived'
  const removable = archived || campaign.status === 'draft'
  return (
    <>
      <LinkButton to="/decisions" search={{ campaign: campaign.id }} variant="default">
        Its decisions
      </LinkButton>
      {!live && !archived && (
        <Button leftSection={<Play size={13} />} loading={set.isPending} onClick={() => ask('live')}>
          Send live
        </Button>
      )}
      {live && (
        <Button variant="default" leftSection={<Pause size={13} />} loading={set.isPending} onClick={() => ask('pause')}>
          Pause
        </Button>
      )}
      <Menu position="bottom-end" width={190}>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label="More">
            <Ellipsis size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Copy size={14} />} onClick={() => void navigate({ to: '/campaigns/new', search: { template: `copy:${campaign.id}` } })}>
            Make a copy
          </Menu.Item>
          {!archived && (
            <Menu.Item leftSection={<Archive size={14} />} onClick={() => ask('archive')}>
              Archive
            </Menu.Item>
          )}
          {removable && (
            <Menu.Item color="red" leftSection={<Trash2 size={14} />} onClick={askRemove}>
              Remove
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
