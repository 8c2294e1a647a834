import { useDecision, useLive } from '@aisle/api'
import { decisionState, Failure, Skeleton, Status, Why } from '@aisle/ui'
import { Drawer } from '@mantine/core'
import { ExternalLink } from 'lucide-react'
import { t } from './words'

/** Why a shopper got an offer, beside the plan. */
export function WhyDrawer({ decision, onClose }: { decision: string | undefined; onClose: () => void }) {
  return (
    <Drawer opened={decision !== undefined} onClose={onClose} position="right" size={600} title={t.why.title} closeButtonProps={{ 'aria-label': t.close }} padding="lg">
      {decision && <Explained decision={decision} />}
    </Drawer>
  )
}

function Explained({ decision }: { decision: string }) {
  const { data, error, refetch } = useDecision(decision)
  const timeZone = useLive((live) => live.shop?.time_zone)
  if (error && !data) return <Failure error={error} retry={refetch} />
  if (!data) {
    return (
      <div className="stack" aria-busy="true">
        <Skeleton height={44} />
        <Skeleton height={64} />
        <Skeleton height={180} />
        <Skeleton height={140} />
      </div>
    )
  }
  const { decision: made, label, zone_name, redemption, deliveries } = data
  const state = deliveries.at(-1)?.state
  return (
    <div className="stack">
      <div className="between">
        <div className="row">
          <span className="avatar" aria-hidden="true">
            {label.slice(0, 2)}
          </span>
          <div className="cut">
            <p className="strong cut" dir="auto">{made.offer?.title ?? t.person.noOffer}</p>
            <p className="dim small cut">
              {t.why.shopper(label, zone_name)}
            </p>
          </div>
        </div>
        <Status state={decisionState({ verdict: made.verdict, ...(state && { state }), ...(redemption && { redeemed: redemption.at }) })} />
      </div>
      <Why detail={data} timeZone={timeZone} />
      <a className="row small" href={`/console/decisions/${encodeURIComponent(made.id)}`}>
        <ExternalLink size={13} aria-hidden /> {t.console}
      </a>
    </div>
  )
}
