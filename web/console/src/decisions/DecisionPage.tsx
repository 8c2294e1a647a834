import { Problem, useDecision, useShops, type DecisionDetail } from '@aisle/api'
import { CopyId, dateTime, decisionState, Empty, said, Status, triggerWord, Why } from '@aisle/ui'
import { getRouteApi } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'
import { t } from './words'

const route = getRouteApi('/shell/decisions/$decision')

/** Why this shopper got this offer, or none. */
export default function DecisionPage() {
  const { decision: id } = route.useParams()
  const asked = useDecision(id)
  if (asked.error instanceof Problem && asked.error.status === 404) {
    return (
      <Page title={t.one.gone} narrow>
        <div className="card">
          <Empty
            title={t.one.goneTitle}
            action={
              <LinkButton to="/decisions" variant="default">
                {t.one.recent}
              </LinkButton>
            }
          >
            {said(asked.error)} {t.one.goneMore}
          </Empty>
        </div>
      </Page>
    )
  }
  return (
    <Page
      title={asked.data ? titleOf(asked.data) : t.one.why}
      beside={asked.data && <Status state={stateOf(asked.data)} />}
      note={asked.data ? <Note detail={asked.data} /> : <CopyId value={id} label={t.one.id} />}
      actions={
        asked.data && (
          <>
            <LinkButton to="/people/$shopper" params={{ shopper: asked.data.decision.shopper }} variant="default">
              {t.one.shopper(asked.data.label)}
            </LinkButton>
            {asked.data.decision.campaign && (
              <LinkButton to="/campaigns/$campaign" params={{ campaign: asked.data.decision.campaign }} variant="default">
                {t.one.campaign}
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
      {t.one.shopper(label)} · {triggerWord(decision.trigger).toLowerCase()}
      {zone_name ? ` · ${zone_name}` : ''}
      {shop_name && t.one.inShop(shop_name)} · {dateTime(decision.time)}
      {decision.held_by && ` · ${t.one.heldBy[decision.held_by]}`}
      {decision.model && (
        <>
          {` · ${t.one.model} `}
          <code dir="ltr">{decision.model}</code>
        </>
      )}
    </>
  )
}

const titleOf = ({ decision }: DecisionDetail) =>
  decision.verdict === 'no_offer' ? t.one.whyNone : t.one.whyOffer(decision.offer?.title ?? t.one.thisOffer)

function stateOf({ decision, deliveries, redemption }: DecisionDetail) {
  const state = deliveries.at(-1)?.state
  return decisionState({ verdict: decision.verdict, ...(state && { state }), ...(redemption && { redeemed: redemption.at }) })
}
