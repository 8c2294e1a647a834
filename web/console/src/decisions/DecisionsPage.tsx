import { useCampaigns, useDecisions, useShops, type DecisionSummary } from '@aisle/api'
import { ago, clock, decisionState, Empty, exclusionWord, millis, percent, plural, Status, triggerWord, useNow } from '@aisle/ui'
import { Button, SegmentedControl, Select } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'

const route = getRouteApi('/shell/decisions')
const verdicts = [
  { value: 'all', label: 'All' },
  { value: 'offered', label: 'Offered' },
  { value: 'no_offer', label: 'No offer' },
  { value: 'held_out', label: 'Held out' },
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
    <Page title="Decisions" note="Each time something happened that a campaign waits for. The latest 200, newest first.">
      <section className="card" aria-label="List of decisions">
        <div className="list-head">
          <SegmentedControl
            aria-label="Verdict"
            data={verdicts}
            value={verdict ?? 'all'}
            onChange={(value) => void navigate({ search: (before) => ({ ...before, verdict: value === 'all' ? undefined : (value as typeof verdict) }), replace: true })}
          />
          <div className="row">
            <Select
              aria-label="Campaign"
              placeholder="Any campaign"
              clearable
              searchable
              w={230}
              data={(campaigns.data?.campaigns ?? []).map(({ campaign: { id, name } }) => ({ value: id, label: name }))}
              value={campaign ?? null}
              onChange={(value) => void navigate({ search: (before) => ({ ...before, campaign: value ?? undefined }), replace: true })}
            />
            {(shops.data?.length ?? 0) > 1 && (
              <Select
                aria-label="Shop"
                placeholder="Any shop"
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
                title={filtered ? 'Nothing matches' : 'No decision yet'}
                action={
                  filtered ? (
                    <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
                      Show all decisions
                    </Button>
                  ) : (
                    <LinkButton to="/campaigns" variant="default">
                      Look at the campaigns
                    </LinkButton>
                  )
                }
              >
                {filtered ? 'No recent decision is like that.' : 'As soon as a shopper does something that a live campaign waits for, the decision appears here with all its reasons.'}
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
              <th scope="col">When</th>
              {withShopper && <th scope="col">Shopper</th>}
              <th scope="col">What happened</th>
              <th scope="col">Answer</th>
              <th scope="col">State</th>
              <th scope="col" className="n">
                Drawn with
              </th>
              <th scope="col" className="n">
                Event to phone
              </th>
            </tr>
          </thead>
          <tbody>
            {decisions.map((decision) => (
              <tr key={decision.id}>
                <td className="num">
                  <Link className="whole" to="/decisions/$decision" params={{ decision: decision.id }} aria-label={`Why decision ${decision.id}`}>
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
                  <span className="dim small">{decision.zone_name ?? decision.zone ?? 'On the web'}</span>
                </td>
                <td>
                  {decision.title ? (
                    <>
                      <span className="strong">{decision.title}</span>
                      <br />
                      <span className="dim small">{decision.campaign_name ?? decision.campaign}</span>
                    </>
                  ) : (
                    <span className="dim">{decision.out ? exclusionWord(decision.out) : decision.candidates === 0 ? 'No campaign waits for this' : 'None'}</span>
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
      <p className="list-foot num">{plural(decisions.length, 'decision')}, the latest</p>
    </>
  )
}
