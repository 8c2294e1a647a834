import { Button, Menu } from '@mantine/core'
import { Ban, Hourglass, MousePointerClick, Plus, Repeat, ShieldBan } from 'lucide-react'
import type { StepKind } from './draft'

const kinds: { kind: StepKind; name: string; says: string; icon: typeof Ban; first: boolean }[] = [
  { kind: 'event', name: 'Something happens', says: 'a search, a visit, a purchase', icon: MousePointerClick, first: true },
  { kind: 'dwell', name: 'They linger in a zone', says: 'for as long as the zone counts as dwelling', icon: Hourglass, first: true },
  { kind: 'count', name: 'It happens several times', says: 'three times in an hour', icon: Repeat, first: true },
  { kind: 'absence', name: 'Nothing of it happens for a time', says: 'no purchase for 20 minutes', icon: Ban, first: false },
  { kind: 'guard', name: 'It must not happen before the next step', says: 'whoever does it drops out', icon: ShieldBan, first: false },
]

/** One more step, of the kind that is chosen. */
export const AddStep = ({ first, onAdd }: { first: boolean; onAdd: (kind: StepKind) => void }) => (
  <Menu position="bottom-end" width={290}>
    <Menu.Target>
      <Button variant="default" leftSection={<Plus size={13} />}>
        {first ? 'Begin with a step' : 'Add a step'}
      </Button>
    </Menu.Target>
    <Menu.Dropdown>
      {kinds
        .filter((kind) => !first || kind.first)
        .map(({ kind, name, says, icon: Icon }) => (
          <Menu.Item key={kind} leftSection={<Icon size={15} />} onClick={() => onAdd(kind)}>
            {name}
            <br />
            <span className="dim small">{says}</span>
          </Menu.Item>
        ))}
    </Menu.Dropdown>
  </Menu>
)
