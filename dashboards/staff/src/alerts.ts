import type { Alert } from '@aisle/api'

/** Those that nobody has seen to. */
export const openAlerts = (alerts: Alert[]) => alerts.filter(({ acknowledged }) => !acknowledged)

/** The one to tell of first. */
export const worst = (alerts: Alert[]): Alert | undefined => {
  const open = openAlerts(alerts)
  return open.find(({ severity }) => severity === 'severe') ?? open[0]
}

/** Where to look closer. */
export function alertLink({ kind }: Pick<Alert, 'kind'>, shop: string): string {
  switch (kind) {
    case 'camera':
      return '/console/cameras'
    case 'receiver':
      return `/console/shops/${encodeURIComponent(shop)}`
    case 'sender':
      return '/console/decisions'
    case 'quarantine':
      return '/console/quarantine'
    default:
      return '/console/system'
  }
}
