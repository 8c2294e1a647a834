import { modals } from '@mantine/modals'
import { useBlocker } from '@tanstack/react-router'
import { t } from './words'

/** Asks before changes to a campaign, a scenario are lost. */
export function useUnsavedGuard(what: keyof typeof t.unsaved.lost, unsaved: () => boolean) {
  useBlocker({
    enableBeforeUnload: unsaved,
    shouldBlockFn: () => {
      if (!unsaved()) return false
      return new Promise<boolean>((resolve) =>
        modals.openConfirmModal({
          title: t.unsaved.title,
          children: <p className="dim">{t.unsaved.lost[what]}</p>,
          labels: { confirm: t.unsaved.leave, cancel: t.unsaved.stay },
          confirmProps: { color: 'red' },
          onConfirm: () => resolve(false),
          onCancel: () => resolve(true),
          onClose: () => resolve(true),
        }),
      )
    },
  })
}
