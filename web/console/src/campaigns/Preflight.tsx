import { usePreflight, useShops, type CampaignDraft, type Preflight as Report } from '@aisle/api'
import { axis, Chart, count, dateTime, day, decimal, Empty, Failure, percent, plural, token, type ChartOptions } from '@aisle/ui'
import { Button, SegmentedControl } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Play, Square } from 'lucide-react'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { Tile } from './CampaignTiles'
import './preflight.css'
import { amount, coveredWords, difference, displaced, range, reasonWord, verdictOf } from './preflightWords'

/** A campaign tried on what has already happened: who would get it, who would not and why, and what it would earn. */
export default function Preflight({ campaign, currency }: { campaign: CampaignDraft; currency: string }) {
  const { running, progress, report, error, run, stop } = usePreflight()
  const [days, setDays] = useState('7')
  useEffect(() => void run(campaign, Number(days)), [run, campaign, days])
  return (
    <div className="preflight">
      <div className="preflight-head">
        <p className="dim">What happened lately goes once more through the code that decides: once with the house as it is, once with this campaign live. Nothing is sent or kept.</p>
        <div className="row" style={{ gap: 8 }}>
          <SegmentedControl
            size="xs"
            aria-label="How far back"
            value={days}
            onChange={setDays}
            data={[
              { value: '1', label: '1 day' },
              { value: '7', label: '7 days' },
              { value: '14', label: '14' },
              { value: '30', label: '30' },
            ]}
          />
          {running ? (
            <Button size="compact-sm" variant="default" leftSection={<Square size={11} />} onClick={stop}>
              Stop
            </Button>
          ) : (
            <Button size="compact-sm" variant="default" leftSection={<Play size={11} />} onClick={() => void run(campaign, Number(days))}>
              Again
            </Button>
          )}
        </div>
      </div>
      <p className="dim small num" role="status">
        {running && (progress ? `${count(progress.events)} events read, ${progress.partitions} of ${progress.of} parts of the shoppers done…` : 'Reading what happened…')}
      </p>
      {error ? <Failure error={error} /> : null}
      {report && <Found report={report} currency={currency} />}
      {!report && !running && !error && <p className="dim">Stopped before anything was found.</p>}
    </div>
  )
}

function Found({ report, currency }: { report: Report; currency: string }) {
  const { campaign, before, expected, without } = report
  const verdict = verdictOf(report)
  const lost = displaced(report)
  if (report.moments === 0) {
    return (
      <Empty title="Nothing to try it on">
        In these days no shopper did anything that wakes a campaign of the house, or this one. {coveredWords(report)}
      </Empty>
    )
  }
  return (
    <>
      <section className="preflight-verdict" data-tone={verdict.tone} aria-label="What the house’s own decisions say">
        <h3>{verdict.title}</h3>
        <p>{verdict.reason}</p>
        {verdict.advice && <p className="dim">{verdict.advice}</p>}
      </section>
      <div className="tiles">
        <Tile name="Would get it" value={plural(campaign.persons, 'shopper')}>
          {plural(campaign.offered, 'offer')}
          {before.persons > 0 && `; ${count(before.persons)} as it is now`}
        </Tile>
        <Tile name="Held out, to measure" value={plural(campaign.held, 'shopper')}>
          who would get it otherwise
        </Tile>
        <Tile name="Offers of other campaigns" value={difference(lost.reduce((n, other) => n + other.with - other.without, 0))}>
          {lost.length === 0 ? 'none of them changes' : `of ${count(without.offered)} offers in all`}
        </Tile>
        <Tile name="The model expects" value={expected.known ? amount(expected.gain.value, currency, true) : '–'}>
          {expected.known ? `${range(expected.gain, currency, true)}; ${amount(expected.with.value, currency)} with it, ${amount(expected.without.value, currency)} without` : 'Propensity is switched off: nothing is expected'}
        </Tile>
      </div>
      <Days report={report} />
      <div className="preflight-halves">
        <Reasons report={report} />
        <Others report={report} />
      </div>
      <div className="preflight-halves">
        <Where report={report} />
        <When report={report} />
      </div>
      <Sample report={report} />
      <Estimates report={report} currency={currency} />
      <p className="dim small num">
        {coveredWords(report)} {report.covered.from && `The oldest is of ${dateTime(report.covered.from)}; what shoppers did before is not known to it.`} Model {report.model}. The same past gives the same answer: {report.digest}.
      </p>
    </>
  )
}

function Card({ title, empty, children }: { title: string; empty?: string | false; children: ReactNode }) {
  return (
    <section className="card" aria-label={title}>
      <div className="card-head">
        <h2>{title}</h2>
      </div>
      {empty ? <p className="block dim">{empty}</p> : children}
    </section>
  )
}

/** What was decided day by day, without it and with it. */
function Days({ report: { days, changed, moments } }: { report: Report }) {
  const data = useMemo(
    () => [days.map(({ day }) => Date.parse(`${day}T12:00:00Z`) / 1000), days.map((one) => one.without), days.map((one) => one.with), days.map((one) => one.campaign)] as Parameters<typeof Chart>[0]['data'],
    [days],
  )
  return (
    <section className="card" aria-label="Decided once more">
      <div className="card-head">
        <h2>Decided once more, by day</h2>
        <ul className="preflight-legend" aria-hidden="true">
          {lines.map(({ name, color }) => (
            <li key={name}>
              <i style={{ background: `var(${color})` }} />
              {name}
            </li>
          ))}
        </ul>
        <span className="dim small num">
          {count(changed)} of {plural(moments, 'moment')} decided otherwise
        </span>
      </div>
      {days.length > 1 && <Chart data={data} options={dayOptions} height={160} label={`Offers a day, without the campaign and with it, over ${plural(days.length, 'day')}; the table below says the same`} />}
      <details className="fold block" open={days.length < 2}>
        <summary>The same as a table</summary>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col" className="n">
                Offers without it
              </th>
              <th scope="col" className="n">
                with it
              </th>
              <th scope="col" className="n">
                its own
              </th>
            </tr>
          </thead>
          <tbody>
            {days.map((one) => (
              <tr key={one.day}>
                <td>{day(`${one.day}T12:00:00Z`)}</td>
                <td className="n">{count(one.without)}</td>
                <td className="n">{count(one.with)}</td>
                <td className="n">{count(one.campaign)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  )
}

const lines = [
  { name: 'Offers without it', color: '--text-faint' },
  { name: 'with it', color: '--ch-1' },
  { name: 'its own', color: '--ch-2' },
]

const dayOptions = (): ChartOptions => {
  const line = (name: string) => ({ stroke: token(name), width: 2, points: { show: true, size: 5, fill: token(name) } })
  return {
    scales: { y: { range: (_, __, max) => [0, Math.max(1, max * 1.1)] } },
    axes: [axis({ size: 30, incrs: [86_400, 2 * 86_400, 7 * 86_400], values: (_, times) => times.map((time) => day(time * 1000)) }), axis({ size: 44 })],
    series: [{}, ...lines.map(({ color }) => line(color))],
    cursor: { show: false },
    legend: { show: false },
  }
}

/** What stands before a rule that said no. */
const ruleSays = 'not so: '

const Reasons = ({ report: { reasons } }: { report: Report }) => (
  <Card title="Who would not get it, and by which rule" empty={reasons.length === 0 && 'Everybody whom it would wake for gets it.'}>
    <div className="scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Why not</th>
            <th scope="col" className="n">
              Shoppers
            </th>
            <th scope="col" className="n">
              Moments
            </th>
          </tr>
        </thead>
        <tbody>
          {reasons.map(({ out, rule, persons, moments }) => (
            <tr key={`${out} ${rule}`}>
              <td>
                {reasonWord(out)}
                {rule && <div className={rule.startsWith(ruleSays) ? 'preflight-rule dim' : 'dim small'}>{rule.startsWith(ruleSays) ? rule.slice(ruleSays.length) : rule}</div>}
              </td>
              <td className="n">{count(persons)}</td>
              <td className="n">{count(moments)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </Card>
)

const Others = ({ report }: { report: Report }) => {
  const others = displaced(report)
  return (
    <Card title="What becomes of other campaigns" empty={others.length === 0 && 'No offer of another campaign is lost or won.'}>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Campaign</th>
              <th scope="col" className="n">
                Without
              </th>
              <th scope="col" className="n">
                With
              </th>
              <th scope="col" className="n">
                Change
              </th>
            </tr>
          </thead>
          <tbody>
            {others.map((other) => (
              <tr key={other.campaign}>
                <td>
                  <Link to="/campaigns/$campaign" params={{ campaign: other.campaign }}>
                    {other.name}
                  </Link>
                </td>
                <td className="n">{count(other.without)}</td>
                <td className="n">{count(other.with)}</td>
                <td className="n" style={{ color: other.with < other.without ? 'var(--neg)' : 'var(--pos)' }}>
                  {difference(other.with - other.without)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

function Where({ report: { places, tiers } }: { report: Report }) {
  const shops = useShops()
  const zoneName = (shop: string | undefined, zone: string | undefined) => shops.data?.find(({ id }) => id === shop)?.zones.find(({ id }) => id === zone)?.name ?? zone
  const rows = [
    ...places.slice(0, 12).map(({ shop, zone, ...rest }) => ({ key: `${shop} ${zone}`, name: zoneName(shop, zone) ?? (shop ? 'Nowhere in particular' : 'Not in a shop'), ...rest })),
    ...tiers.filter(({ tier }) => tier !== '').map(({ tier, ...rest }) => ({ key: `tier ${tier}`, name: `Tier ${tier}`, ...rest })),
  ]
  return (
    <Card title="Where, and whom" empty={rows.length === 0 && 'Nobody would get it.'}>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Zone or tier</th>
              <th scope="col" className="n">
                Shoppers
              </th>
              <th scope="col" className="n">
                Offers
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, name, persons, moments }) => (
              <tr key={key}>
                <td>{name}</td>
                <td className="n">{count(persons)}</td>
                <td className="n">{count(moments)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  )
}

function When({ report: { hours } }: { report: Report }) {
  const most = Math.max(1, ...hours)
  const busiest = hours.indexOf(Math.max(...hours))
  return (
    <Card title="At which hour of the shop" empty={!hours.some((n) => n > 0) && 'At none.'}>
      <div className="block">
        <div className="hours" role="img" aria-label={`Offers by the hour: most, ${count(hours[busiest] ?? 0)}, from ${busiest} to ${busiest + 1} o’clock; ${hours.map((n, hour) => (n > 0 ? `${hour}: ${n}` : '')).filter(Boolean).join(', ')}`}>
          {hours.map((n, hour) => (
            <i key={hour} title={`${hour}:00 – ${count(n)}`} style={{ height: `${(100 * n) / most}%`, opacity: n > 0 ? 1 : 0.25 }} />
          ))}
        </div>
        <div className="hours-axis num" aria-hidden="true">
          <span>0</span>
          <span>6</span>
          <span>12</span>
          <span>18</span>
          <span>24</span>
        </div>
      </div>
    </Card>
  )
}

const Sample = ({ report: { sample, labels, campaign } }: { report: Report }) => (
  <Card title={sample.length < campaign.persons ? `${sample.length} of those who would get it` : 'Those who would get it'} empty={sample.length === 0 && 'Nobody would.'}>
    <div className="scroll" style={{ maxHeight: 320 }}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Shopper</th>
            <th scope="col">First at</th>
            <th scope="col">Offer</th>
            <th scope="col">Instead of</th>
          </tr>
        </thead>
        <tbody>
          {sample.map(({ shopper, time, offer, before }, i) => (
            <tr key={shopper}>
              <td>
                <Link to="/people/$shopper" params={{ shopper }}>
                  {labels[i] ?? shopper}
                </Link>
              </td>
              <td className="num">{dateTime(time)}</td>
              <td>{offer}</td>
              <td className="dim">{before === offer ? 'the same' : (before ?? 'nothing')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </Card>
)

const methods: Record<string, string> = {
  ips: 'Inverse propensity', clipped_ips: 'with clipped weights', snips: 'self-normalised', dm: 'The model alone', dr: 'Doubly robust', sndr: 'self-normalised, doubly robust', switch_dr: 'doubly robust where the weights are small',
}

/** How the log was asked, for who wants to know. */
function Estimates({ report: { judged }, currency }: { report: Report; currency: string }) {
  const { report, open } = judged
  if (!report) return null
  const blind = report.unsupported > 0.05
  return (
    <details className="fold card block">
      <summary>How the house’s own decisions were asked</summary>
      <dl className="facts num">
        <dt>Decisions, shoppers</dt>
        <dd>
          {count(report.rows)}, {count(report.persons)}
        </dd>
        <dt>Worth as much as so many plain decisions</dt>
        <dd>{count(Math.round(report.effective_rows))}</dd>
        <dt>and so many offers taken</dt>
        <dd>{count(Math.round(report.effective_rewards))}</dd>
        <dt>Choices that could not have been made before</dt>
        <dd>{percent(report.unsupported)}</dd>
        <dt>Mean weight (1 if probabilities are true)</dt>
        <dd>
          {decimal(report.mean_weight)} ± {decimal(report.mean_weight_se)}
        </dd>
        <dt>Most of the weight that one shopper has</dt>
        <dd>{percent(report.greatest_share)}</dd>
        <dt>Left out: something may still become of them</dt>
        <dd>{count(open)}</dd>
        <dt>Earned a decision, as it was</dt>
        <dd>
          {amount(report.logged.value, currency)} ({range(report.logged, currency)})
        </dd>
      </dl>
      {blind ? (
        <p className="dim small">No estimate is shown: most of what it would choose is not in the past.</p>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">It would have earned a decision</th>
                <th scope="col" className="n">
                  by
                </th>
                <th scope="col" className="n">
                  from
                </th>
                <th scope="col" className="n">
                  to
                </th>
              </tr>
            </thead>
            <tbody>
              {report.estimates.map(({ method, value, low, high }) => (
                <tr key={method}>
                  <td>{methods[method] ?? method}</td>
                  <td className="n">{amount(value, currency)}</td>
                  <td className="n">{amount(low, currency)}</td>
                  <td className="n">{amount(high, currency)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  )
}
