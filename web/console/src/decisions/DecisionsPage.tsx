import { useCampaigns, useDecisions, useShops, type DecisionSummary } from '@aisle/api'
import { ago, clock, decisionState, Empty, exclusionWord, millis, percent, spoken, Status, triggerWord, useNow } from '@aisle/ui'
import { Button, SegmentedControl, Select } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'
import { t } from './words'

const route = getRouteApi('/shell/decisions')
const verdicts = [
  { value: 'all', label: t.list.all },
  { value: 'offered', label: spoken.verdicts.offered },
  { value: 'no_offer', label: spoken.verdicts.no_offer },
  { value: 'held_out', label: spoken.verdicts.held_out },
]

/** Recent decisions, of those that made an offer and those that did not. */
export default function DecisionsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const campaigns = useCampaigns()
  const shops = useShops()
  const { verdict, campaign, shop } = search
  const decisions = useDecisions({ ...(verdict && { verdict }), ...(campaign && { campaign }), ...(shop && { shop }) })
  const filtered = Boolean(verdict ?? campaign ?? shop)
  return (
    <Page title={t.list.title} note={t.list.note}>
      <section className="card" aria-label={t.list.label}>
        <div className="list-head">
          <SegmentedControl
            aria-label={t.list.verdict}
            data={verdicts}
            value={verdict ?? 'all'}
            onChange={(value) => void navigate({ search: (before) => ({ ...before, verdict: value === 'all' ? undefined : (value as typeof verdict) }), replace: true })}
          />
          <div className="row">
            <Select
              aria-label={t.list.campaign}
              placeholder={t.list.anyCampaign}
              clearable
              searchable
              w={230}
              data={(campaigns.data?.campaigns ?? []).map(({ campaign: { id, name } }) => ({ value: id, label: name }))}
              value={campaign ?? null}
              onChange={(value) => void navigate({ search: (before) => ({ ...before, campaign: value ?? undefined }), replace: true })}
            />
            {(shops.data?.length ?? 0) > 1 && (
              <Select
                aria-label={t.list.shop}
                placeholder={t.list.anyShop}
                clearable
                w={170}
                data={shops.data!.map(({ id, name }) => ({ value: id, label: name }))}
                value={shop ?? null}
                onChange={(value) => void navigate({ search: (before) => ({ ...before, shop: value ?? undefined }), replace: true })}
              />
            )}
          </div>
        </div>
        <Loaded of={decisions} height={520}>
          {(decisions) =>
            decisions.length > 0 ? (
              <DecisionsTable decisions={decisions} />
            ) : (
              <Empty
                title={filtered ? t.list.noMatch : t.list.none}
                action={
                  filtered ? (
                    <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                      {t.list.showAll}
                    </Button>
                  ) : (
                    <LinkButton to="/campaigns" variant="default">
                      {t.list.campaigns}
                    </LinkButton>
                  )
                }
              >
                {filtered ? t.list.noMatchMore : t.list.noneMore}
              </Empty>
            )
          }
        </Loaded>
      </section>
    </Page>
  )
}

/** Decisions, one a line; each opens why. */
export function DecisionsTable({ decisions, withShopper = true }: { decisions: DecisionSummary[]; withShopper?: boolean }) {
  const now = useNow(5_000)
  return (
    <>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.table.when}</th>
              {withShopper && <th scope="col">{t.table.shopper}</th>}
              <th scope="col">{t.table.what}</th>
              <th scope="col">{t.table.answer}</th>
              <th scope="col">{t.table.state}</th>
              <th scope="col" className="n">
                {t.table.drawnWith}
              </th>
              <th scope="col" className="n">
                {t.table.latency}
              </th>
            </tr>
          </thead>
          <tbody>
            {decisions.map((decision) => (
              <tr key={decision.id}>
                <td className="num">
                  <Link className="whole" to="/decisions/$decision" params={{ decision: decision.id }} aria-label={t.table.why(decision.id)}>
                    <time dateTime={decision.time}>{clock(decision.time)}</time>
                  </Link>
                  <br />
                  <span className="dim small">{ago(decision.time, now)}</span>
                </td>
                {withShopper && (
                  <td>
                    <Link className="above" to="/people/$shopper" params={{ shopper: decision.shopper }}>
                      {decision.label}
                    </Link>
                  </td>
                )}
                <td>
                  {triggerWord(decision.trigger)}
                  <br />
                  <span className="dim small" dir="auto">{decision.zone_name ?? decision.zone ?? t.table.onTheWeb}</span>
                </td>
                <td>
                  {decision.title ? (
                    <>
                      <span className="strong" dir="auto">{decision.title}</span>
                      <br />
                      <span className="dim small" dir="auto">{decision.campaign_name ?? decision.campaign}</span>
                    </>
                  ) : (
                    <span className="dim">{decision.out ? exclusionWord(decision.out) : decision.candidates === 0 ? t.table.nobodyWaits : t.table.none}</span>
                  )}
                </td>
                <td>
                  <Status state={decisionState(decision)} />
                </td>
                <td className="n">{decision.probability === undefined ? '–' : percent(decision.probability, 0)}</td>
                <td className="n">{decision.latency_ms === undefined ? '–' : millis(decision.latency_ms)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="list-foot num">{t.table.latest(decisions.length)}</p>
    </>
  )
}
