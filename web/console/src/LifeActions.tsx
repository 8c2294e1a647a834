import { useMay, type Step } from '@aisle/api'
import { ActionIcon, Button, Menu } from '@mantine/core'
import { modals } from '@mantine/modals'
import { Archive, Copy, Ellipsis, Pause, Play, Trash2 } from 'lucide-react'
import { done, failed, removed } from './say'
import { t } from './words'

/** What is asked before a step, and said after it. */
export interface Question {
  title: string
  says: string
  yes: string
  did: string
  color: string
}

interface LifeActionsProps {
  name: string
  status: string
  questions: Record<Step | 'remove', Question>
  /** Not where somebody else has to approve it first. */
  mayGoLive?: boolean
  setting: boolean
  set: (status: Step) => Promise<unknown>
  remove: () => Promise<unknown>
  /** Brings it back once it is removed. */
  restore: () => Promise<unknown>
  onCopy: () => void
  /** Leads elsewhere, while it is removed. */
  onRemove: () => void
}

/** What can be done with a campaign or a scenario where it stands, asked first. */
export function LifeActions({ name, status, questions, mayGoLive = true, setting, set, remove, restore, onCopy, onRemove }: LifeActionsProps) {
  const may = useMay('marketer', 'approver', 'admin')
  if (!may) return null

  const ask = (step: Step | 'remove') => {
    const { title, says, yes, did, color } = questions[step]
    const go = () => {
      if (step !== 'remove') return void set(step).then(() => done(t.life.did(name, did)), failed)
      removed(remove(), t.life.did(name, did), restore, name)
      onRemove()
    }
    modals.openConfirmModal({
      title,
      children: <p className="dim">{says}</p>,
      labels: { confirm: yes, cancel: t.cancel },
      confirmProps: { color },
      onConfirm: go,
    })
  }
  const live = status === 'live'
  const archived = status === 'archived'
  return (
    <>
      {!live && !archived && mayGoLive && (
        <Button leftSection={<Play size={13} />} loading={setting} onClick={() => ask('live')}>
          {t.life.live}
        </Button>
      )}
      {live && (
        <Button variant="default" leftSection={<Pause size={13} />} loading={setting} onClick={() => ask('pause')}>
          {t.life.pause}
        </Button>
      )}
      <Menu position="bottom-end" width={190}>
        <Menu.Target>
          <ActionIcon variant="default" size={30} aria-label={t.more}>
            <Ellipsis size={15} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Copy size={14} />} onClick={onCopy}>
            {t.life.copy}
          </Menu.Item>
          {!archived && (
            <Menu.Item leftSection={<Archive size={14} />} onClick={() => ask('archive')}>
              {t.life.archive}
            </Menu.Item>
          )}
          {(archived || status === 'draft') && (
            <Menu.Item color="red" leftSection={<Trash2 size={14} />} onClick={() => ask('remove')}>
              {t.remove}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
