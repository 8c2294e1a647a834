import { useHouse, useMay, useSaveHouse } from '@aisle/api'
import { ActionIcon, Menu } from '@mantine/core'
import { Ellipsis, FileJson, Sheet } from 'lucide-react'
import { done, failed } from '../say'
import { download } from '../table'
import { csvOf, jsonOf } from './exports'
import type { Line } from './table'

/** What can be done with the whole list: taken out, and whether a second person looks at what goes live. */
export function ListMenu({ lines }: { lines: Line[] }) {
  const house = useHouse()
  const save = useSaveHouse()
  const admin = useMay('admin')
  const kept = house.data
  const setApprovals = (approvals: boolean) =>
    kept &&
    save.mutate(
      { ...kept, approvals },
      { onSuccess: () => done(approvals ? 'From now on a second person approves what campaigns say before they go live.' : 'Campaigns go live without a second person.'), onError: failed },
    )
  return (
    <Menu position="bottom-end" width={270}>
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label="What to do with the list">
          <Ellipsis size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Sheet size={14} />} onClick={() => download('campaigns.csv', 'text/csv', csvOf(lines))}>
          Export these as CSV
        </Menu.Item>
        <Menu.Item leftSection={<FileJson size={14} />} onClick={() => download('campaigns.json', 'application/json', jsonOf(lines))}>
          Export these as JSON
        </Menu.Item>
        {admin && kept && (
          <Menu.CheckboxItem checked={kept.approvals === true} onChange={setApprovals}>
            A second person approves
          </Menu.CheckboxItem>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
