import { Button, Menu } from '@mantine/core'
import { Ban, Hourglass, MousePointerClick, Plus, Repeat, ShieldBan } from 'lucide-react'
import type { StepKind } from './draft'
import { t } from './words'

const kinds: { kind: StepKind; icon: typeof Ban; first: boolean }[] = [
  { kind: 'event', icon: MousePointerClick, first: true },
  { kind: 'dwell', icon: Hourglass, first: true },
  { kind: 'count', icon: Repeat, first: true },
  { kind: 'absence', icon: Ban, first: false },
  { kind: 'guard', icon: ShieldBan, first: false },
]

/** One more step, of the kind that is chosen. */
export const AddStep = ({ first, onAdd }: { first: boolean; onAdd: (kind: StepKind) => void }) => (
  <Menu position="bottom-end" width={290}>
    <Menu.Target>
      <Button variant="default" leftSection={<Plus size={13} />}>
        {first ? t.add.first : t.add.more}
      </Button>
    </Menu.Target>
    <Menu.Dropdown>
      {kinds
        .filter((kind) => !first || kind.first)
        .map(({ kind, icon: Icon }) => (
          <Menu.Item key={kind} leftSection={<Icon size={15} />} onClick={() => onAdd(kind)}>
            {t.add[kind].name}
            <br />
            <span className="dim small">{t.add[kind].says}</span>
          </Menu.Item>
        ))}
    </Menu.Dropdown>
  </Menu>
)
