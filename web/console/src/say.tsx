import { said } from '@aisle/ui'
import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { Check, TriangleAlert } from 'lucide-react'
import { t } from './words'

const look = { withBorder: true, closeButtonProps: { 'aria-label': t.dismiss } }

/** Tells, at the page's corner, that something was done; what can be taken back has a button for it. */
export function done(message: string, undo?: () => void) {
  const id = notifications.show({
    message: undo ? (
      <span className="between">
        <span dir="auto">{message}</span>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            notifications.hide(id)
            undo()
          }}
        >
          {t.undo.undo}
        </Button>
      </span>
    ) : (
      message
    ),
    color: 'teal',
    icon: <Check size={16} aria-hidden />,
    autoClose: undo ? 12_000 : 3_500,
    ...look,
  })
}

/** Says what became of the removal of `name`, and takes it back when that is wished. */
export const removed = (removing: Promise<unknown>, says: string, restore: () => Promise<unknown>, name: string) =>
  void removing.then(() => done(says, () => void restore().then(() => done(t.life.back(name)), failed)), failed)

/**
 * Tells why something was not done. What ends in `done` or `failed` waits for `mutateAsync`: what is given to `mutate` is
 * not called when the row or the form is gone before the answer.
 */
export const failed = (error: unknown) =>
  notifications.show({ title: t.failed, message: said(error), color: 'red', icon: <TriangleAlert size={16} aria-hidden />, autoClose: 9_000, ...look })
