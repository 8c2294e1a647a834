import { useDeleteScenario, useMay, useSetScenarioStatus, type Scenario, type Step } from '@aisle/api'
import { ActionIcon, Button, Menu } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useNavigate } from '@tanstack/react-router'
import { Archive, Copy, Ellipsis, Pause, Play, Trash2 } from 'lucide-react'
import { done, failed } from '../say'

const questions: Record<Step, { title: string; says: string; yes: string; did: string; color: string }> = {
  live: { title: 'Send this scenario live?', says: 'From now on it follows shoppers, within their consents, and wakes what waits for it.', yes: 'Send it live', did: 'is live', color: 'iris' },
  pause: { title: 'Pause this scenario?', says: 'Shoppers who are in it drop out. When it is sent live again, they begin anew.', yes: 'Pause it', did: 'is paused', color: 'iris' },
  archive: { title: 'Archive this scenario?', says: 'It follows nobody any more and cannot be changed.', yes: 'Archive it', did: 'is archived', color: 'red' },
}

/** What can be done with a scenario where it stands, asked first. */
export function ScenarioActions({ scenario }: { scenario: Scenario }) {
  const set = useSetScenarioStatus()
  const remove = useDeleteScenario()
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
      onConfirm: () => set.mutate({ scenario: scenario.id, status }, { onSuccess: () => done(`“${scenario.name}” ${did}.`), onError: failed }),
    })
  }
  const askRemove = () =>
    modals.openConfirmModal({
      title: 'Remove this scenario?',
      children: <p className="dim">It is gone for good, with its history.</p>,
      labels: { confirm: 'Remove it', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        remove.mutate(scenario.id, {
          onSuccess: () => {
            done(`“${scenario.name}” is removed.`)
            void navigate({ to: '/scenarios' })
          },
          onError: failed,
        }),
    })
  const live = scenario.status === 'live'
  const archived = scenario.status === 'archived'
  return (
    <>
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
          <Menu.Item leftSection={<Copy size={14} />} onClick={() => void navigate({ to: '/scenarios/new', search: { template: `copy:${scenario.id}` } })}>
            Make a copy
          </Menu.Item>
          {!archived && (
            <Menu.Item leftSection={<Archive size={14} />} onClick={() => ask('archive')}>
              Archive
            </Menu.Item>
          )}
          {(archived || scenario.status === 'draft') && (
            <Menu.Item color="red" leftSection={<Trash2 size={14} />} onClick={askRemove}>
              Remove
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
