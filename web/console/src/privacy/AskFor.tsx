import { useMay, useOpenPrivacyRequest, type PrivacyRequest } from '@aisle/api'
import { Button, Menu } from '@mantine/core'
import { ShieldQuestionMark } from 'lucide-react'
import { done, failed } from '../say'
import { kindWord } from './requests'

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
          They ask for…
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Due in a month, under Privacy requests</Menu.Label>
        {kinds.map((kind) => (
          <Menu.Item key={kind} onClick={() => open.mutate({ shopper, kind }, { onSuccess: () => done(`Taken in: “${kindWord[kind].name}”.`), onError: failed })}>
            {kindWord[kind].name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
