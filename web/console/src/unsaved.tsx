import { modals } from '@mantine/modals'
import { useBlocker } from '@tanstack/react-router'

/** Asks before changes to a campaign, a scenario are lost. */
export function useUnsavedGuard(what: string, unsaved: () => boolean) {
  useBlocker({
    enableBeforeUnload: unsaved,
    shouldBlockFn: () => {
      if (!unsaved()) return false
      return new Promise<boolean>((resolve) =>
        modals.openConfirmModal({
          title: 'Leave without keeping the changes?',
          children: <p className="dim">What you changed in this {what} is lost.</p>,
          labels: { confirm: 'Leave', cancel: 'Stay' },
          confirmProps: { color: 'red' },
          onConfirm: () => resolve(false),
          onCancel: () => resolve(true),
          onClose: () => resolve(true),
        }),
      )
    },
  })
}
