import { useMay, useScenarios, type CampaignStatus, type ScenarioWithCounts } from '@aisle/api'
import { campaignState, count, Empty, percent, plural, Status, triggerWord } from '@aisle/ui'
import { Button, SegmentedControl } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { campaignStatuses } from '../router'
import { stepWords } from './draft'

const route = getRouteApi('/shell/scenarios')

export default function ScenariosPage() {
  const scenarios = useScenarios()
  const may = useMay('marketer', 'approver', 'admin')
  return (
    <Page
      title="Scenarios"
      note="What shoppers do, and do not do, in time. A completed scenario wakes campaigns and other scenarios."
      actions={
        may && (
          <LinkButton to="/scenarios/new" leftSection={<Plus size={14} />}>
            New scenario
          </LinkButton>
        )
      }
    >
      <Loaded of={scenarios} height={420}>
        {(scenarios) => <ScenariosTable scenarios={scenarios} may={may} />}
      </Loaded>
    </Page>
  )
}

function ScenariosTable({ scenarios, may }: { scenarios: ScenarioWithCounts[]; may: boolean }) {
  const { status } = route.useSearch()
  const navigate = route.useNavigate()
  const lines = scenarios.filter(({ scenario }) => !status || scenario.status === status)
  const number = (status: CampaignStatus) => scenarios.filter(({ scenario }) => scenario.status === status).length
  if (scenarios.length === 0) {
    return (
      <div className="card">
        <Empty title="No scenario yet" action={may && <LinkButton to="/scenarios/new">Write the first scenario</LinkButton>}>
          A scenario waits for steps one after another, such as a search, a visit, and no purchase. How many shoppers are at each step is counted here.
        </Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label="List of scenarios">
      <div className="list-head">
        <SegmentedControl
          aria-label="Status"
          value={status ?? 'all'}
          onChange={(value) => void navigate({ search: { status: campaignStatuses.find((known) => known === value) }, replace: true })}
          data={[{ value: 'all', label: `All ${scenarios.length}` }, ...campaignStatuses.map((value) => ({ value, label: `${campaignState(value).word} ${number(value)}` }))]}
        />
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Scenario</th>
              <th scope="col">Status</th>
              <th scope="col" className="n">Began</th>
              <th scope="col" className="n">In it now</th>
              <th scope="col" className="n">Completed</th>
              <th scope="col">Used by</th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <ScenarioRow key={line.scenario.id} line={line} />
            ))}
          </tbody>
        </table>
      </div>
      {lines.length === 0 && (
        <Empty
          title="Nothing matches"
          action={
            <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
              Show all scenarios
            </Button>
          }
        >
          No scenario has this status.
        </Empty>
      )}
      <p className="list-foot num">{lines.length === scenarios.length ? plural(lines.length, 'scenario') : `${lines.length} of ${plural(scenarios.length, 'scenario')}`}</p>
    </section>
  )
}

function ScenarioRow({ line: { scenario, steps, used } }: { line: ScenarioWithCounts }) {
  const began = steps[0]?.entered ?? 0
  const done = steps.at(-1)?.passed ?? 0
  return (
    <tr>
      <td>
        <Link className="whole" to="/scenarios/$scenario" params={{ scenario: scenario.id }}>
          {scenario.name}
        </Link>
        <p className="dim small">{scenario.steps.map((step) => stepWords(step, triggerWord)).join(' → ')}</p>
      </td>
      <td>
        <Status state={campaignState(scenario.status)} />
      </td>
      <td className="n">{count(began)}</td>
      <td className="n">{count(steps.reduce((sum, { waiting }) => sum + waiting, 0))}</td>
      <td className="n">
        {count(done)} {began > 0 && <span className="dim">{percent(done / began)}</span>}
      </td>
      <td className="small">{used.length === 0 ? <span className="dim">Nothing yet</span> : used.map(({ name }) => name).join(', ')}</td>
    </tr>
  )
}
