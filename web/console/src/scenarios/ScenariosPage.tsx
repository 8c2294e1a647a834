import { useMay, useScenarios, type CampaignStatus, type ScenarioWithCounts } from '@aisle/api'
import { campaignState, count, Empty, percent, Status, triggerWord } from '@aisle/ui'
import { Button, SegmentedControl } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { campaignStatuses } from '../router'
import { stepWords } from './draft'
import { t } from './words'

const route = getRouteApi('/shell/scenarios')

export default function ScenariosPage() {
  const scenarios = useScenarios()
  const may = useMay('marketer', 'approver', 'admin')
  return (
    <Page
      title={t.list.title}
      note={t.list.note}
      actions={
        may && (
          <LinkButton to="/scenarios/new" leftSection={<Plus size={14} />}>
            {t.list.add}
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
        <Empty title={t.list.none} action={may && <LinkButton to="/scenarios/new">{t.list.first}</LinkButton>}>
          {t.list.noneMore}
        </Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label={t.list.label}>
      <div className="list-head">
        <SegmentedControl
          aria-label={t.list.status}
          value={status ?? 'all'}
          onChange={(value) => void navigate({ search: { status: campaignStatuses.find((known) => known === value) }, replace: true })}
          data={[{ value: 'all', label: t.list.all(scenarios.length) }, ...campaignStatuses.map((value) => ({ value, label: `${campaignState(value).word} ${number(value)}` }))]}
        />
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.list.scenario}</th>
              <th scope="col">{t.list.status}</th>
              <th scope="col" className="n">{t.list.began}</th>
              <th scope="col" className="n">{t.list.now}</th>
              <th scope="col" className="n">{t.list.completed}</th>
              <th scope="col">{t.list.used}</th>
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
          title={t.list.noMatch}
          action={
            <Button variant="default" onClick={() => void navigate({ search: {}, replace: true })}>
              {t.list.showAll}
            </Button>
          }
        >
          {t.list.noMatchMore}
        </Empty>
      )}
      <p className="list-foot num">{lines.length === scenarios.length ? t.list.number(lines.length) : t.list.some(lines.length, scenarios.length)}</p>
    </section>
  )
}

function ScenarioRow({ line: { scenario, steps, used } }: { line: ScenarioWithCounts }) {
  const began = steps[0]?.entered ?? 0
  const done = steps.at(-1)?.passed ?? 0
  return (
    <tr>
      <td>
        <Link className="whole" dir="auto" to="/scenarios/$scenario" params={{ scenario: scenario.id }}>
          {scenario.name}
        </Link>
        <p className="dim small" dir="auto">{scenario.steps.map((step) => stepWords(step, triggerWord)).join(t.list.next)}</p>
      </td>
      <td>
        <Status state={campaignState(scenario.status)} />
      </td>
      <td className="n">{count(began)}</td>
      <td className="n">{count(steps.reduce((sum, { waiting }) => sum + waiting, 0))}</td>
      <td className="n">
        {count(done)} {began > 0 && <span className="dim">{percent(done / began)}</span>}
      </td>
      <td className="small">{used.length === 0 ? <span className="dim">{t.list.nothingYet}</span> : used.map(({ name }) => name).join(t.step.comma)}</td>
    </tr>
  )
}
