import { ActionIcon } from '@mantine/core'
import { Redo2, Undo2 } from 'lucide-react'
import type { Undo } from './undo'

/** Takes back what was done in a form, and does it again. */
export const UndoButtons = ({ undo, redo }: Undo) => (
  <span className="row" style={{ gap: 4 }}>
    <ActionIcon variant="subtle" color="gray" aria-label="Undo" title="Undo (Ctrl Z)" disabled={!undo} onClick={undo}>
      <Undo2 size={15} />
    </ActionIcon>
    <ActionIcon variant="subtle" color="gray" aria-label="Redo" title="Redo (Ctrl Shift Z)" disabled={!redo} onClick={redo}>
      <Redo2 size={15} />
    </ActionIcon>
  </span>
)
