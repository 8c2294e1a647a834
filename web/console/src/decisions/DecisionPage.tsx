import { Problem, useDecision, useShops, type DecisionDetail } from '@aisle/api'
import { CopyId, dateTime, decisionState, Empty, Status, triggerWord, Why } from '@aisle/ui'
import { getRouteApi } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'

const route = getRouteApi('/shell/decisions/$decision')

/** Why this shopper got this offer, or none. */
export default function DecisionPage() {
  const { decision: id } = route.useParams()
  const asked = useDecision(id)
  if (asked.error instanceof Problem && asked.error.status === 404) {
    return (
      <Page title="No such decision" narrow>
        <div className="card">
          <Empty
            title="This decision is not there"
            action={
              <LinkButton to="/decisions" variant="default">
                Recent decisions
              </LinkButton>
            }
          >
            {asked.error.message} Decisions are kept for 90 days; check that the id is whole.
          </Empty>
        </div>
      </Page>
    )
  }
  return (
    <Page
      title={asked.data ? titleOf(asked.data) : 'Why'}
      beside={asked.data && <Status state={stateOf(asked.data)} />}
      note={asked.data ? <Note detail={asked.data} /> : <CopyId value={id} label="decision id" />}
      actions={
        asked.data && (
          <>
            <LinkButton to="/people/$shopper" params={{ shopper: asked.data.decision.shopper }} variant="default">
              Shopper {asked.data.label}
            </LinkButton>
            {asked.data.decision.campaign && (
              <LinkButton to="/campaigns/$campaign" params={{ campaign: asked.data.decision.campaign }} variant="default">
                Campaign
              </LinkButton>
            )}
          </>
        )
      }
    >
      <Loaded of={asked} height={640}>
        {(detail) => <Explained detail={detail} />}
      </Loaded>
    </Page>
  )
}

function Explained({ detail }: { detail: DecisionDetail }) {
  const shops = useShops()
  const shop = shops.data?.find(({ id }) => id === detail.decision.shop)
  return (
    <div className="card" style={{ padding: '18px 20px 22px' }}>
      <Why detail={detail} timeZone={shop?.time_zone} />
    </div>
  )
}

function Note({ detail }: { detail: DecisionDetail }) {
  const { decision, label, zone_name, shop_name } = detail
  return (
    <>
      Shopper {label} · {triggerWord(decision.trigger).toLowerCase()}
      {zone_name ? ` · ${zone_name}` : ''}
      {shop_name ? `, ${shop_name}` : ''} · {dateTime(decision.time)}
      {decision.held_by && ` · held out by the ${decision.held_by}`}
      {decision.model && (
        <>
          {' · model '}
          <code>{decision.model}</code>
        </>
      )}
    </>
  )
}

const titleOf = ({ decision }: DecisionDetail) =>
  decision.verdict === 'no_offer' ? 'Why no offer was made' : `Why “${decision.offer?.title ?? 'this offer'}”`

function stateOf({ decision, deliveries, redemption }: DecisionDetail) {
  const state = deliveries.at(-1)?.state
  return decisionState({ verdict: decision.verdict, ...(state && { state }), ...(redemption && { redeemed: redemption.at }) })
}
