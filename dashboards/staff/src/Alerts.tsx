import { useAcknowledge, useLive, type Alert } from '@aisle/api'
import { ago, Empty, Failure, Status, useNow } from '@aisle/ui'
import { Button, Drawer } from '@mantine/core'
import { BellRing } from 'lucide-react'
import { useState } from 'react'
import { alertLink, openAlerts, worst } from './alerts'

/** What somebody should see to: how much, and the worst of it in a few words. Opens the list. */
export function Alerts() {
  const alerts = useLive((live) => live.kpis?.alerts)
  const shop = useLive((live) => live.shop?.id)
  const replayed = useLive((live) => live.replayed !== undefined)
  const [shown, show] = useState(false)
  if (!alerts || shop === undefined || replayed) return null
  const open = openAlerts(alerts)
  const first = worst(alerts)
  return (
    <>
      <button type="button" className="alerts" data-tone={first ? (first.severity === 'severe' ? 'bad' : 'warn') : undefined} aria-haspopup="dialog" onClick={() => show(true)}>
        <BellRing size={15} aria-hidden />
        <span className="num">{open.length === 0 ? 'No alerts' : open.length === 1 ? '1 alert' : `${open.length} alerts`}</span>
        {first && <span className="alerts-first cut">{first.text}</span>}
      </button>
      <Drawer opened={shown} onClose={() => show(false)} position="right" size={480} title="Alerts" closeButtonProps={{ 'aria-label': 'Close' }} padding="lg">
        {alerts.length === 0 ? (
          <Empty title="All is well">A camera that stalls, a receiver to mend, messages that fail or a service that is behind appear here, with what to do.</Empty>
        ) : (
          <ul className="stack" aria-label="Alerts">
            {alerts.map((alert) => (
              <AlertCard key={alert.id} alert={alert} shop={shop} />
            ))}
          </ul>
        )}
      </Drawer>
    </>
  )
}

function AlertCard({ alert, shop }: { alert: Alert; shop: string }) {
  const acknowledge = useAcknowledge()
  const now = useNow(5_000)
  const { acknowledged } = alert
  return (
    <li className="alert" data-seen={acknowledged ? true : undefined}>
      <div className="between">
        <Status state={acknowledged ? { word: 'Seen to', tone: 'none' } : alert.severity === 'severe' ? { word: 'Does not work', tone: 'bad' } : { word: 'Gets worse', tone: 'warn' }} />
        <span className="dim small num">{ago(alert.since, now)}</span>
      </div>
      <p className="strong">{alert.text}</p>
      <p className="dim">{alert.do}</p>
      <div className="row">
        {acknowledged ? (
          <span className="dim small">
            {acknowledged.by}, {ago(acknowledged.at, now)}
          </span>
        ) : (
          <Button size="compact-sm" variant="default" loading={acknowledge.isPending || acknowledge.isSuccess} onClick={() => acknowledge.mutate({ shop, id: alert.id })}>
            I see to it
          </Button>
        )}
        <a className="small" href={alertLink(alert, shop)}>
          Open in the console
        </a>
      </div>
      {acknowledge.error && <Failure error={acknowledge.error} />}
    </li>
  )
}
