import { useMay, useSaveScenario, useScenario, useScenarioHistory, type Scenario, type ScenarioWithCounts } from '@aisle/api'
import { ago, campaignState, CopyId, RawJson, Status, useNow } from '@aisle/ui'
import { Tabs } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Newer, useEdited } from '../edited'
import { Loaded, Page } from '../Page'
import { scenarioTabs } from '../router'
import { done, failed } from '../say'
import { VersionHistory } from '../VersionHistory'
import { ScenarioActions } from './ScenarioActions'
import { ScenarioForm } from './ScenarioForm'
import { StepFunnel } from './StepFunnel'
import { TryScenario } from './TryScenario'
import { t } from './words'

const route = getRouteApi('/shell/scenarios/$scenario')

export default function ScenarioPage() {
  const { scenario: id } = route.useParams()
  const asked = useScenario(id)
  const scenario = asked.data?.scenario
  return (
    <Page
      title={scenario?.name ?? t.one.title}
      beside={scenario && <Status state={campaignState(scenario.status)} />}
      note={scenario?.description ? <bdi>{scenario.description}</bdi> : <CopyId value={id} label={t.one.id} />}
      actions={scenario && <ScenarioActions scenario={scenario} />}
    >
      <Loaded of={asked} height={560}>
        {(data) => <Whole data={data} />}
      </Loaded>
    </Page>
  )
}

function Whole({ data }: { data: ScenarioWithCounts }) {
  const { tab = 'now' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Tabs value={tab} onChange={(value) => void navigate({ search: { tab: scenarioTabs.find((name) => name === value) }, replace: true })} keepMounted={false}>
      <Tabs.List mb={16}>
        {scenarioTabs.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {t.one.tabs[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="now">
        <div className="two">
          <StepFunnel of={data} />
          <aside>
            <About data={data} />
          </aside>
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="edit">
        <Edit data={data} />
      </Tabs.Panel>
      <Tabs.Panel value="try">
        <TryScenario scenario={data.scenario} />
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <History scenario={data.scenario} />
      </Tabs.Panel>
    </Tabs>
  )
}

function About({ data: { scenario, used } }: { data: ScenarioWithCounts }) {
  const now = useNow(30_000)
  return (
    <section className="card block" aria-label={t.one.about}>
      <dl className="facts">
        <dt>{t.one.used}</dt>
        <dd>
          {used.length === 0 && <span className="dim">{t.one.unused}</span>}
          {used.map(({ kind, id, name }) => (
            <p key={kind + id}>
              {kind === 'campaign' ? (
                <Link dir="auto" to="/campaigns/$campaign" params={{ campaign: id }}>
                  {name}
                </Link>
              ) : (
                <Link dir="auto" to="/scenarios/$scenario" params={{ scenario: id }}>
                  {name}
                </Link>
              )}
            </p>
          ))}
        </dd>
        {scenario.group && (
          <>
            <dt>{t.one.group}</dt>
            <dd>
              <bdi>{scenario.group}</bdi>
              {scenario.priority ? t.one.priority(scenario.priority) : ''}
            </dd>
          </>
        )}
        {scenario.excludes && scenario.excludes.length > 0 && (
          <>
            <dt>{t.one.silences}</dt>
            <dd>{scenario.excludes.join(t.step.comma)}</dd>
          </>
        )}
        {scenario.template && (
          <>
            <dt>{t.one.madeFrom}</dt>
            <dd>{t.new.template(scenario.template.id)?.name ?? scenario.template.id}</dd>
          </>
        )}
        <dt>{t.one.idTerm}</dt>
        <dd>
          <CopyId value={scenario.id} label={t.one.id} />
        </dd>
        <dt>{t.one.version}</dt>
        <dd className="num">{scenario.version}</dd>
        <dt>{t.one.changed}</dt>
        <dd>{scenario.updated ? ago(scenario.updated, now) : '–'}</dd>
      </dl>
      <RawJson value={scenario} label={t.one.json} />
    </section>
  )
}

function Edit({ data }: { data: ScenarioWithCounts }) {
  const save = useSaveScenario()
  const may = useMay('marketer', 'approver', 'admin')
  const { scenario } = data
  const { key, edited, onDirty, newer } = useEdited(scenario, save.reset)
  return (
    <ScenarioForm
      key={key}
      scenario={edited}
      readOnly={!may || scenario.status === 'archived'}
      saveLabel={t.one.keep}
      onSave={async (changed) => {
        await save.mutateAsync(changed)
        done(t.one.kept(changed.name))
      }}
      onDirty={onDirty}
      error={newer ? undefined : save.error}
      now={data}
      aside={newer && <Newer {...newer} />}
    />
  )
}

function History({ scenario }: { scenario: Scenario }) {
  const save = useSaveScenario()
  const may = useMay('marketer', 'approver', 'admin')
  const takeBack = (older: Scenario) => void save.mutateAsync({ ...older, version: scenario.version }).then(() => done(t.one.tookBack(older.name, older.version)), failed)
  return (
    <Loaded of={useScenarioHistory(scenario.id)}>
      {(versions) => <VersionHistory versions={versions.map(({ scenario: document, at, by }) => ({ document, at, by }))} takeBack={may && scenario.status !== 'archived' ? takeBack : undefined} />}
    </Loaded>
  )
}
