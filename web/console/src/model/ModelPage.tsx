import './model.css'
import { useMay, useModel, useTurnModel, type Model } from '@aisle/api'
import { ago, axis, Chart, count, dateTime, decimal, Empty, percent, plural, Status, token, useNow, type ChartOptions } from '@aisle/ui'
import { Button, Modal, TextInput } from '@mantine/core'
import { useMemo, useState, type FormEvent } from 'react'
import { Tile } from '../campaigns/CampaignTiles'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { Calibrated } from './Calibrated'
import { breakerState, calibration, driftState, name, overall, stateOf, surprise, trainingState, trainingWord, turnWord } from './model'

/** What the house has learned of who takes what, how well it knows, and what else is asked. */
export default function ModelPage() {
  const model = useModel()
  return (
    <Page
      title="Model"
      beside={model.data && <Status state={stateOf(model.data)} />}
      note="What the house has learned of who takes which offer. It is judged by decisions whose window is over, and goes back by itself to an older version that would have known better."
    >
      <Loaded of={model} height={640}>
        {(known) => <Known model={known} />}
      </Loaded>
    </Page>
  )
}

function Known({ model }: { model: Model }) {
  const now = useNow(10_000)
  const [turning, setTurning] = useState<{ pin?: number }>()
  const may = useMay('admin')
  const { version, learned, line, hold, asked, cohorts, drift, own } = model
  const full = overall(cohorts)
  const last = cohorts.findLast(({ n }) => n > 0)
  return (
    <div className="stack" style={{ gap: 16 }}>
      {hold && (
        <div className="model-held" data-by={hold.by ? 'person' : 'watch'} role={hold.by ? 'note' : 'alert'}>
          <p>
            <strong>{hold.by ? `${hold.by} has pinned ${name(hold.of)}` : `The model went back to ${name(hold.of)}`}</strong> {ago(hold.at, now)}: {hold.reason}.
          </p>
          <p>
            It does not learn while it is in use. What learns beside it has taken in {plural(line, 'outcome')}
            {hold.by ? '.' : ', and is taken up again when it has proved itself.'}{' '}
            {may && !asked && (
              <Button size="compact-xs" variant="default" onClick={() => setTurning({})}>
                Use what learns
              </Button>
            )}
          </p>
        </div>
      )}
      {asked && (
        <p className="dim" role="status">
          {asked.by} asked for {asked.pin ? name(asked.pin) : 'what learns'}; the learner does so within seconds, if one runs.
        </p>
      )}
      <div className="tiles">
        <Tile name="In use" value={version || '–'}>
          {version ? (hold ? `as ${name(hold.of)} was` : 'and learning') : 'nothing is learned yet'}
        </Tile>
        <Tile name="Learned from" value={count(learned)}>
          {learned === 1 ? 'outcome' : 'outcomes'}, when their windows were over
        </Tile>
        <Tile name="Expected, and taken" value={full ? `${percent(full.expected)} · ${percent(full.taken)}` : '–'}>
          {full ? `of the last ${plural(full.n, 'decision')}` : 'no window is over yet'}
        </Tile>
        <Tile name="Surprise, last cohort" value={last ? decimal(last.loss / last.n) : '–'}>
          nats a decision; less is better
        </Tile>
      </div>
      <Plots model={model} />
      {full && <Versions model={model} turn={may && !asked ? (pin) => setTurning({ pin }) : undefined} />}
      {full && <Turns model={model} />}
      <Lists model={model} />
      {drift.length > 0 && <Drifts model={model} />}
      <section className="card" aria-label="Own models">
        <div className="card-head">
          <h2>Own models</h2>
        </div>
        {own.length === 0 ? (
          <Empty title="No campaign can name a model of its own yet">The configuration lists them, under decider.models. Where one does not answer, the house’s model does.</Empty>
        ) : (
          <div className="scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Model</th>
                  <th scope="col">State</th>
                  <th scope="col" className="n">
                    Answered
                  </th>
                  <th scope="col" className="n">
                    Failed
                  </th>
                  <th scope="col" className="n">
                    Not asked
                  </th>
                  <th scope="col" className="n">
                    Mean
                  </th>
                  <th scope="col" className="n">
                    Slowest lately
                  </th>
                </tr>
              </thead>
              <tbody>
                {own.map((one, i) => (
                  <tr key={`${one.name}/${i}`}>
                    <th scope="row" style={{ textAlign: 'left' }}>
                      {one.name}
                      <br />
                      <span className="dim small">{one.at}</span>
                    </th>
                    <td>
                      <Status state={breakerState(one)} />
                      {one.last_error && one.failed_at && (
                        <p className="dim small">
                          {ago(one.failed_at, now)}: {one.last_error}
                        </p>
                      )}
                    </td>
                    <td className="n">{count(one.answered)}</td>
                    <td className="n">{count(one.failed)}</td>
                    <td className="n">{count(one.skipped)}</td>
                    <td className="n">{one.answered > 0 ? `${decimal(one.mean_ms)} ms` : '–'}</td>
                    <td className="n">{one.answered > 0 ? `${decimal(one.most_ms)} ms` : '–'}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
      {turning && <Turning pin={turning.pin} close={() => setTurning(undefined)} />}
    </div>
  )
}

function Plots({ model: { cohorts } }: { model: Model }) {
  const points = useMemo(() => calibration(cohorts), [cohorts])
  const data = useMemo(() => surprise(cohorts), [cohorts])
  if (points.length === 0) {
    return (
      <section className="card" aria-label="How well it knows">
        <Empty title="Nothing to judge by yet">What came of an offer counts when its window is over, taken or not. Until then nobody knows how well the model knew.</Empty>
      </section>
    )
  }
  const [ends, losses, knowing] = data
  return (
    <div className="model-plots">
      <section className="card" aria-label="Surprise by cohort">
        <div className="card-head">
          <h2>Surprise</h2>
          <ul className="model-legend" aria-hidden="true">
            <li>
              <i style={{ background: 'var(--ch-1)' }} />
              the model
            </li>
            <li>
              <i style={{ background: 'var(--ch-3)' }} />
              who knows only the rate
            </li>
          </ul>
        </div>
        <div className="block">
          <Chart data={data} options={surpriseChart} height={260} label={`Mean surprise of ${plural(ends.length, 'cohort')}, in nats a decision; the last ${decimal(losses.at(-1) ?? 0)}, of who knows only the rate ${decimal(knowing.at(-1) ?? 0)}`} />
          <p className="dim small">Each point is a cohort of decisions whose windows are over, in nats a decision. Below the second line the model knows more than how many take an offer.</p>
          <details className="fold">
            <summary>The same as a table</summary>
            <div className="scroll">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">Until</th>
                    <th scope="col">Models</th>
                    <th scope="col" className="n">
                      Decisions
                    </th>
                    <th scope="col" className="n">
                      Expected
                    </th>
                    <th scope="col" className="n">
                      Taken
                    </th>
                    <th scope="col" className="n">
                      Surprise
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {cohorts
                    .filter(({ n }) => n > 0)
                    .toReversed()
                    .slice(0, 12)
                    .map(({ first, last, models, n, expected, taken, loss }) => (
                      <tr key={first}>
                        <td>{dateTime(last)}</td>
                        <td className="num">{models.map(name).join(' to ')}</td>
                        <td className="n">{count(n)}</td>
                        <td className="n">{percent(expected / n)}</td>
                        <td className="n">{percent(taken / n)}</td>
                        <td className="n">{decimal(loss / n)}</td>
                      </tr>
                    ))}
                </tbody>
              </table>
            </div>
          </details>
        </div>
      </section>
      <section className="card" aria-label="Calibration">
        <div className="card-head">
          <h2>Calibration</h2>
        </div>
        <div className="block">
          <Calibrated points={points} />
          <p className="dim small">Of offers that were expected to be taken so often, so many were; the bars are what chance allows (95 %). On the dashed line the model says what is so.</p>
        </div>
      </section>
    </div>
  )
}

function surpriseChart(): ChartOptions {
  const line = (color: string) => ({ stroke: token(color), width: 2, points: { show: true, size: 5, fill: token(color) } })
  return {
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(most * 1.15, 0.05)] } },
    axes: [axis({ size: 34 }), axis({ size: 44, values: (_, values) => values.map(decimal) })],
    series: [{}, line('--ch-1'), line('--ch-3')],
    cursor: { show: false },
    legend: { show: false },
  }
}

function Versions({ model: { versions }, turn }: { model: Model; turn: ((pin: number) => void) | undefined }) {
  const now = useNow(10_000)
  return (
    <section className="card" aria-label="Older versions">
      <div className="card-head">
        <h2>Older versions</h2>
        <span className="dim small">kept to compare with, and to go back to</span>
      </div>
      {versions.length === 0 ? (
        <Empty title="None is kept yet">The first is kept when four cohorts are learned.</Empty>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col">Kept</th>
                <th scope="col" className="n">
                  Learned from
                </th>
                <th scope="col" className="n">
                  Compared by
                </th>
                <th scope="col" className="n">
                  Its surprise
                </th>
                <th scope="col" className="n">
                  What was in use
                </th>
                <th scope="col">
                  <span className="hidden">In use</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {versions.map(({ number, at, learned, judged, loss, in_use, pinned }) => (
                <tr key={number}>
                  <th scope="row" className="num" style={{ textAlign: 'left' }}>
                    {name(number)}
                  </th>
                  <td>{ago(at, now)}</td>
                  <td className="n">{count(learned)}</td>
                  <td className="n">{plural(judged, 'decision')}</td>
                  <td className="n">{judged > 0 ? decimal(loss) : '–'}</td>
                  <td className="n">{judged > 0 ? decimal(in_use) : '–'}</td>
                  <td className="n">
                    {pinned ? (
                      <Status state={{ word: 'In use', tone: 'info' }} />
                    ) : (
                      turn && (
                        <Button size="compact-xs" variant="default" onClick={() => turn(number)} aria-label={`Use ${name(number)}`}>
                          Use this
                        </Button>
                      )
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Turns({ model: { turns } }: { model: Model }) {
  return (
    <section className="card" aria-label="What happened">
      <div className="card-head">
        <h2>What happened</h2>
      </div>
      {turns.length === 0 ? (
        <Empty title="Nothing yet">When the model goes back to an older version, or somebody has another one in use, it is told here with the reason.</Empty>
      ) : (
        <ul className="turns">
          {turns.map((turn) => (
            <li key={turn.to} data-kind={turn.kind}>
              <p>
                <strong>{turnWord(turn)}</strong> <span className="dim small num">{dateTime(turn.at)}</span>
              </p>
              <p className="dim">
                {name(turn.from)} → {name(turn.to)}: {turn.reason}
              </p>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Lists({ model: { lists, training } }: { model: Model }) {
  const now = useNow(10_000)
  return (
    <section className="card" aria-label="Lists of pages">
      <div className="card-head">
        <h2>Lists of pages</h2>
        {lists && (
          <span className="dim small num">
            {lists.version}, {ago(lists.at, now)}
          </span>
        )}
      </div>
      {lists ? (
        <p className="block">
          Trees trained from {plural(lists.lists, 'list')} order what pages ask for. On the newest {plural(lists.trial.lists, 'list')} of which something was taken, and which they were not trained on, they reach an NDCG@10 of{' '}
          <strong>{lists.trial.ndcg.toFixed(3)}</strong>; what was in use before reached {lists.trial.ndcg_before.toFixed(3)}.
        </p>
      ) : (
        <Empty title="The house’s model orders them">Where pages ask for offers, trees learn from what was seen and taken, and take over when they order lists at least as well.</Empty>
      )}
      {training && (
        <div className="block">
          <p className="dim">
            <Status state={trainingState(training)} /> Last tried {ago(training.ended ?? training.began, now)}. {trainingWord(training)}
          </p>
        </div>
      )}
    </section>
  )
}

const driftsShown = 12

function Drifts({ model: { drift } }: { model: Model }) {
  return (
    <section className="card" aria-label="Drift of inputs">
      <div className="card-head">
        <h2>Drift of inputs</h2>
        <span className="dim small">two thousand decisions against those before; nothing is done because of it</span>
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Feature</th>
              <th scope="col" className="n">
                Stability index
              </th>
              <th scope="col">Change</th>
            </tr>
          </thead>
          <tbody>
            {drift.slice(0, driftsShown).map(({ feature, psi }) => (
              <tr key={feature}>
                <th scope="row" style={{ textAlign: 'left' }}>
                  {feature}
                </th>
                <td className="n">{psi.toFixed(3)}</td>
                <td>
                  <Status state={driftState(psi)} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Turning({ pin, close }: { pin: number | undefined; close: () => void }) {
  const [reason, setReason] = useState('')
  const turn = useTurnModel()
  const submit = (event: FormEvent) => {
    event.preventDefault()
    turn.mutate(pin === undefined ? { reason } : { pin, reason }, {
      onSuccess: () => {
        done('The learner is told.')
        close()
      },
      onError: failed,
    })
  }
  return (
    <Modal opened onClose={close} title={pin === undefined ? 'Use what learns' : `Use ${name(pin)}`} centered lockScroll={false} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={submit} className="stack" style={{ gap: 12 }}>
        <p className="dim">
          {pin === undefined ? 'What has learned beside it decides from now on, and is watched again.' : 'It decides from now on, and does not learn, until somebody has what learns in use again. The watch does nothing meanwhile.'}
        </p>
        <TextInput label="Reason" description="Written down with your name." required maxLength={300} value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button type="submit" loading={turn.isPending} disabled={reason.trim() === ''}>
            Use it
          </Button>
        </div>
      </form>
    </Modal>
  )
}
