import { useMay, useOpenPrivacyRequest, type PrivacyRequest } from '@aisle/api'
import { Button, Menu } from '@mantine/core'
import { ShieldQuestionMark } from 'lucide-react'
import { done, failed } from '../say'
import { t } from './words'

const kinds: PrivacyRequest['kind'][] = ['access', 'restriction', 'erasure']

/** Takes in what a shopper asks for at the desk. */
export function AskFor({ shopper }: { shopper: string }) {
  const may = useMay('staff')
  const open = useOpenPrivacyRequest()
  if (!may) return null
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <Button leftSection={<ShieldQuestionMark size={14} />} loading={open.isPending}>
          {t.askFor.open}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.askFor.due}</Menu.Label>
        {kinds.map((kind) => (
          <Menu.Item key={kind} onClick={() => void open.mutateAsync({ shopper, kind }).then(() => done(t.askFor.taken(t.kinds[kind].name)), failed)}>
            {t.kinds[kind].name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
