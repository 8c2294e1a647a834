import { useHouse, useMay, useSaveHouse } from '@aisle/api'
import { ActionIcon, Menu } from '@mantine/core'
import { Ellipsis, FileJson, Sheet } from 'lucide-react'
import { done, failed } from '../say'
import { download } from '../table'
import { csvOf, jsonOf } from './exports'
import type { Line } from './table'
import { t } from './words'

/** What can be done with the whole list: taken out, and whether a second person looks at what goes live. */
export function ListMenu({ lines }: { lines: Line[] }) {
  const house = useHouse()
  const save = useSaveHouse()
  const admin = useMay('admin')
  const kept = house.data
  const setApprovals = (approvals: boolean) =>
    kept &&
    void save.mutateAsync({ ...kept, approvals }).then(() => done(approvals ? t.menu.approvalsOn : t.menu.approvalsOff), failed)
  return (
    <Menu position="bottom-end" width={270}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={t.menu.label}>
          <Ellipsis size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Sheet size={14} />} onClick={() => download('campaigns.csv', 'text/csv', csvOf(lines))}>
          {t.menu.csv}
        </Menu.Item>
        <Menu.Item leftSection={<FileJson size={14} />} onClick={() => download('campaigns.json', 'application/json', jsonOf(lines))}>
          {t.menu.json}
        </Menu.Item>
        {admin && kept && (
          <Menu.CheckboxItem checked={kept.approvals === true} onChange={setApprovals}>
            {t.menu.approvals}
          </Menu.CheckboxItem>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
