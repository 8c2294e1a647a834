import './model.css'
import { useMay, useModel, useTurnModel, type Model } from '@aisle/api'
import { ago, axis, Chart, count, dateTime, decimal, Empty, fixed, percent, spoken, Status, timeAxis, token, useNow, worded, type ChartOptions } from '@aisle/ui'
import { Button, Modal, TextInput } from '@mantine/core'
import { useMemo, useState, type FormEvent } from 'react'
import { Tile } from '../campaigns/CampaignTiles'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { Calibrated } from './Calibrated'
import { breakerState, calibration, driftState, name, overall, stateOf, surprise, trainingState, trainingWord, turnWord } from './model'
import { t } from './words'

/** What the house has learned of who takes what, how well it knows, and what else is asked. */
export default function ModelPage() {
  const model = useModel()
  return (
    <Page
      title={t.title}
      beside={model.data && <Status state={stateOf(model.data)} />}
      note={t.note}
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
            <strong>{hold.by ? t.hold.pinned(hold.by, name(hold.of)) : t.hold.back(name(hold.of))}</strong> {t.hold.since(ago(hold.at, now), hold.by ? hold.reason : worded(hold.reason))}
          </p>
          <p>
            {(hold.by ? t.hold.beside : t.hold.besideWatched)(line)}{' '}
            {may && !asked && (
              <Button size="compact-xs" variant="default" onClick={() => setTurning({})}>
                {t.hold.useLine}
              </Button>
            )}
          </p>
        </div>
      )}
      {asked && (
        <p className="dim" role="status">
          {asked.pin ? t.hold.asked(asked.by ?? t.turns.somebody, name(asked.pin)) : t.hold.askedLine(asked.by ?? t.turns.somebody)}
        </p>
      )}
      <div className="tiles">
        <Tile name={t.tiles.inUse} value={version || '–'}>
          {version ? (hold ? t.tiles.as(name(hold.of)) : t.tiles.learning) : t.tiles.none}
        </Tile>
        <Tile name={t.tiles.learned} value={count(learned)}>
          {t.tiles.outcomes(learned)}
        </Tile>
        <Tile name={t.tiles.expected} value={full ? `${percent(full.expected)} · ${percent(full.taken)}` : '–'}>
          {full ? t.tiles.ofLast(full.n) : t.tiles.noWindow}
        </Tile>
        <Tile name={t.tiles.surprise} value={last ? decimal(last.loss / last.n) : '–'}>
          {t.tiles.nats}
        </Tile>
      </div>
      <Plots model={model} />
      {full && <Versions model={model} turn={may && !asked ? (pin) => setTurning({ pin }) : undefined} />}
      {full && <Turns model={model} />}
      <Lists model={model} />
      {drift.length > 0 && <Drifts model={model} />}
      <section className="card" aria-label={t.own.title}>
        <div className="card-head">
          <h2>{t.own.title}</h2>
        </div>
        {own.length === 0 ? (
          <Empty title={t.own.none}>{t.own.noneMore}</Empty>
        ) : (
          <div className="scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t.own.model}</th>
                  <th scope="col">{t.own.state}</th>
                  <th scope="col" className="n">
                    {t.own.answered}
                  </th>
                  <th scope="col" className="n">
                    {t.own.failed}
                  </th>
                  <th scope="col" className="n">
                    {t.own.notAsked}
                  </th>
                  <th scope="col" className="n">
                    {t.own.mean}
                  </th>
                  <th scope="col" className="n">
                    {t.own.slowest}
                  </th>
                </tr>
              </thead>
              <tbody>
                {own.map((one, i) => (
                  <tr key={`${one.name}/${i}`}>
                    <th scope="row" style={{ textAlign: 'start' }}>
                      {one.name}
                      <br />
                      <span className="dim small" dir="ltr">{one.at}</span>
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
                    <td className="n">{one.answered > 0 ? spoken.units.ms(decimal(one.mean_ms)) : '–'}</td>
                    <td className="n">{one.answered > 0 ? spoken.units.ms(decimal(one.most_ms)) : '–'}</td>
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
      <section className="card" aria-label={t.plots.label}>
        <Empty title={t.plots.none}>{t.plots.noneMore}</Empty>
      </section>
    )
  }
  const [ends, losses, knowing] = data
  return (
    <div className="model-plots">
      <section className="card" aria-label={t.plots.surpriseLabel}>
        <div className="card-head">
          <h2>{t.plots.surprise}</h2>
          <ul className="model-legend" aria-hidden="true">
            <li>
              <i style={{ background: 'var(--ch-1)' }} />
              {t.plots.model}
            </li>
            <li>
              <i style={{ background: 'var(--ch-3)' }} />
              {t.plots.rate}
            </li>
          </ul>
        </div>
        <div className="block">
          <Chart data={data} options={surpriseChart} height={260} label={t.plots.chart(ends.length, decimal(losses.at(-1) ?? 0), decimal(knowing.at(-1) ?? 0))} />
          <p className="dim small">{t.plots.note}</p>
          <details className="fold">
            <summary>{t.plots.asTable}</summary>
            <div className="scroll">
              <table className="table">
                <thead>
                  <tr>
                    <th scope="col">{t.plots.until}</th>
                    <th scope="col">{t.plots.models}</th>
                    <th scope="col" className="n">
                      {t.plots.decisions}
                    </th>
                    <th scope="col" className="n">
                      {t.plots.expected}
                    </th>
                    <th scope="col" className="n">
                      {t.plots.taken}
                    </th>
                    <th scope="col" className="n">
                      {t.plots.surprise}
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
                        <td className="num">{models.map(name).join(t.plots.to)}</td>
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
      <section className="card" aria-label={t.plots.calibration}>
        <div className="card-head">
          <h2>{t.plots.calibration}</h2>
        </div>
        <div className="block">
          <Calibrated points={points} />
          <p className="dim small">{t.plots.calibrationNote}</p>
        </div>
      </section>
    </div>
  )
}

function surpriseChart(): ChartOptions {
  const line = (color: string) => ({ stroke: token(color), width: 2, points: { show: true, size: 5, fill: token(color) } })
  return {
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(most * 1.15, 0.05)] } },
    axes: [timeAxis(), axis({ size: 44, values: (_, values) => values.map(decimal) })],
    series: [{}, line('--ch-1'), line('--ch-3')],
    cursor: { show: false },
    legend: { show: false },
  }
}

function Versions({ model: { versions }, turn }: { model: Model; turn: ((pin: number) => void) | undefined }) {
  const now = useNow(10_000)
  return (
    <section className="card" aria-label={t.versions.title}>
      <div className="card-head">
        <h2>{t.versions.title}</h2>
        <span className="dim small">{t.versions.note}</span>
      </div>
      {versions.length === 0 ? (
        <Empty title={t.versions.none}>{t.versions.noneMore}</Empty>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t.versions.version}</th>
                <th scope="col">{t.versions.kept}</th>
                <th scope="col" className="n">
                  {t.versions.learned}
                </th>
                <th scope="col" className="n">
                  {t.versions.compared}
                </th>
                <th scope="col" className="n">
                  {t.versions.loss}
                </th>
                <th scope="col" className="n">
                  {t.versions.inUseLoss}
                </th>
                <th scope="col">
                  <span className="hidden">{t.versions.inUse}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {versions.map(({ number, at, learned, judged, loss, in_use, pinned }) => (
                <tr key={number}>
                  <th scope="row" className="num" style={{ textAlign: 'start' }}>
                    {name(number)}
                  </th>
                  <td>{ago(at, now)}</td>
                  <td className="n">{count(learned)}</td>
                  <td className="n">{t.versions.decisions(judged)}</td>
                  <td className="n">{judged > 0 ? decimal(loss) : '–'}</td>
                  <td className="n">{judged > 0 ? decimal(in_use) : '–'}</td>
                  <td className="n">
                    {pinned ? (
                      <Status state={{ word: t.versions.inUse, tone: 'info' }} />
                    ) : (
                      turn && (
                        <Button size="compact-xs" variant="default" onClick={() => turn(number)} aria-label={t.versions.use(name(number))}>
                          {t.versions.useThis}
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
    <section className="card" aria-label={t.turns.title}>
      <div className="card-head">
        <h2>{t.turns.title}</h2>
      </div>
      {turns.length === 0 ? (
        <Empty title={t.turns.none}>{t.turns.noneMore}</Empty>
      ) : (
        <ul className="turns">
          {turns.map((turn) => (
            <li key={turn.to} data-kind={turn.kind}>
              <p>
                <strong>{turnWord(turn)}</strong> <span className="dim small num">{dateTime(turn.at)}</span>
              </p>
              <p className="dim">{t.turns.change(name(turn.from), name(turn.to), turn.by ? turn.reason : worded(turn.reason))}</p>
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
    <section className="card" aria-label={t.lists.title}>
      <div className="card-head">
        <h2>{t.lists.title}</h2>
        {lists && (
          <span className="dim small num">{t.lists.since(lists.version, ago(lists.at, now))}</span>
        )}
      </div>
      {lists ? (
        <p className="block">
          {t.lists.trained(lists.lists, lists.trial.lists)}
          <strong>{fixed(lists.trial.ndcg, 3)}</strong>
          {t.lists.before(fixed(lists.trial.ndcg_before, 3))}
        </p>
      ) : (
        <Empty title={t.lists.none}>{t.lists.noneMore}</Empty>
      )}
      {training && (
        <div className="block">
          <p className="dim">
            <Status state={trainingState(training)} /> {t.lists.tried(ago(training.ended ?? training.began, now))} {trainingWord(training)}
          </p>
        </div>
      )}
    </section>
  )
}

const driftsShown = 12

function Drifts({ model: { drift } }: { model: Model }) {
  return (
    <section className="card" aria-label={t.drift.title}>
      <div className="card-head">
        <h2>{t.drift.title}</h2>
        <span className="dim small">{t.drift.note}</span>
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.drift.feature}</th>
              <th scope="col" className="n">
                {t.drift.index}
              </th>
              <th scope="col">{t.drift.change}</th>
            </tr>
          </thead>
          <tbody>
            {drift.slice(0, driftsShown).map(({ feature, psi }) => (
              <tr key={feature}>
                <th scope="row" style={{ textAlign: 'start' }}>
                  <bdi>{feature}</bdi>
                </th>
                <td className="n">{fixed(psi, 3)}</td>
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
        done(t.turning.told)
        close()
      },
      onError: failed,
    })
  }
  return (
    <Modal opened onClose={close} title={pin === undefined ? t.turning.useLine : t.versions.use(name(pin))} centered lockScroll={false} closeButtonProps={{ 'aria-label': t.turning.close }}>
      <form onSubmit={submit} className="stack" style={{ gap: 12 }}>
        <p className="dim">
          {pin === undefined ? t.turning.useLineMore : t.turning.useMore}
        </p>
        <TextInput dir="auto" label={t.turning.reason} description={t.turning.reasonMore} required maxLength={300} value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={close}>
            {t.turning.cancel}
          </Button>
          <Button type="submit" loading={turn.isPending} disabled={reason.trim() === ''}>
            {t.turning.use}
          </Button>
        </div>
      </form>
    </Modal>
  )
}
