import { useAcknowledge, useLive, useMay, type Alert } from '@aisle/api'
import { ago, Empty, Failure, Status } from '@aisle/ui'
import { Button, Drawer } from '@mantine/core'
import { BellRing } from 'lucide-react'
import { useState } from 'react'
import { alertLink, openAlerts, told, worst } from './alerts'
import { useServerNow } from './clock'
import { t } from './words'

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
        <span className="num">{t.alerts.many(open.length)}</span>
        {first && <span className="alerts-first cut">{told(first).text}</span>}
      </button>
      <Drawer opened={shown} onClose={() => show(false)} position="right" size={480} title={t.alerts.title} closeButtonProps={{ 'aria-label': t.close }} padding="lg">
        {alerts.length === 0 ? (
          <Empty title={t.alerts.well}>{t.alerts.wellMore}</Empty>
        ) : (
          <ul className="stack" aria-label={t.alerts.title}>
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
  const maySee = useMay('staff')
  const now = useServerNow(5_000)
  const { acknowledged } = alert
  const { text, todo, foreign } = told(alert)
  const language = foreign ? { lang: 'en', dir: 'ltr' } : {}
  return (
    <li className="alert" data-seen={acknowledged ? true : undefined}>
      <div className="between">
        <Status state={acknowledged ? { word: t.alerts.seen, tone: 'none' } : alert.severity === 'severe' ? { word: t.alerts.severe, tone: 'bad' } : { word: t.alerts.mild, tone: 'warn' }} />
        <span className="dim small num">{ago(alert.since, now)}</span>
      </div>
      <p className="strong" {...language}>{text}</p>
      <p className="dim" {...language}>{todo}</p>
      <div className="row">
        {acknowledged ? (
          <span className="dim small">
            {acknowledged.by}, {ago(acknowledged.at, now)}
          </span>
        ) : maySee && (
          <Button size="compact-sm" variant="default" loading={acknowledge.isPending || acknowledge.isSuccess} onClick={() => acknowledge.mutate({ shop, id: alert.id })}>
            {t.alerts.see}
          </Button>
        )}
        <a className="small" href={alertLink(alert, shop)}>
          {t.console}
        </a>
      </div>
      {acknowledge.error && <Failure error={acknowledge.error} />}
    </li>
  )
}
