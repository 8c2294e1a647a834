import { ActionIcon } from '@mantine/core'
import { Redo2, Undo2 } from 'lucide-react'
import type { Undo } from './undo'
import { t } from './words'

/** Takes back what was done in a form, and does it again. */
export const UndoButtons = ({ undo, redo }: Undo) => (
  <span className="row" style={{ gap: 4 }}>
    <ActionIcon variant="subtle" color="gray" aria-label={t.undo.undo} title={t.undo.undoKeys} disabled={!undo} onClick={undo}>
      <Undo2 size={15} />
    </ActionIcon>
    <ActionIcon variant="subtle" color="gray" aria-label={t.undo.redo} title={t.undo.redoKeys} disabled={!redo} onClick={redo}>
      <Redo2 size={15} />
    </ActionIcon>
  </span>
)
