import { usePreflight, useShops, type CampaignDraft, type Preflight as Report } from '@aisle/api'
import { axis, Chart, count, dateTime, day, decimal, Empty, Failure, percent, token, worded, type ChartOptions } from '@aisle/ui'
import { Button, SegmentedControl } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Play, Square } from 'lucide-react'
import { useEffect, useMemo, useState, type ReactNode } from 'react'
import { Tile } from './CampaignTiles'
import './preflight.css'
import { amount, coveredWords, difference, displaced, range, reasonWord, verdictOf } from './preflightWords'
import { t } from './words'

/** A campaign tried on what has already happened: who would get it, who would not and why, and what it would earn. */
export default function Preflight({ campaign, currency }: { campaign: CampaignDraft; currency: string }) {
  const { running, progress, report, error, run, stop } = usePreflight()
  const [days, setDays] = useState('7')
  useEffect(() => void run(campaign, Number(days)), [run, campaign, days])
  return (
    <div className="preflight">
      <div className="preflight-head">
        <p className="dim">{t.preflight.note}</p>
        <div className="row" style={{ gap: 8 }}>
          <SegmentedControl
            size="xs"
            aria-label={t.preflight.howFar}
            value={days}
            onChange={setDays}
            data={[
              { value: '1', label: t.preflight.days(1) },
              { value: '7', label: t.preflight.days(7) },
              { value: '14', label: '14' },
              { value: '30', label: '30' },
            ]}
          />
          {running ? (
            <Button size="compact-sm" variant="default" leftSection={<Square size={11} />} onClick={stop}>
              {t.preflight.stop}
            </Button>
          ) : (
            <Button size="compact-sm" variant="default" leftSection={<Play size={11} />} onClick={() => void run(campaign, Number(days))}>
              {t.preflight.again}
            </Button>
          )}
        </div>
      </div>
      <p className="dim small num" role="status">
        {running && (progress ? t.preflight.progress(count(progress.events), progress.partitions, progress.of) : t.preflight.reading)}
      </p>
      {error ? <Failure error={error} /> : null}
      {report && <Found report={report} currency={currency} />}
      {!report && !running && !error && <p className="dim">{t.preflight.stopped}</p>}
    </div>
  )
}

function Found({ report, currency }: { report: Report; currency: string }) {
  const { campaign, before, expected, without } = report
  const verdict = verdictOf(report)
  const lost = displaced(report)
  if (report.moments === 0) {
    return (
      <Empty title={t.preflight.nothing}>
        {t.preflight.nothingMore} {coveredWords(report)}
      </Empty>
    )
  }
  return (
    <>
      <section className="preflight-verdict" data-tone={verdict.tone} aria-label={t.preflight.verdict}>
        <h3>{verdict.title}</h3>
        <p dir="auto">{worded(verdict.reason)}</p>
        {verdict.advice && <p className="dim">{verdict.advice}</p>}
      </section>
      <div className="tiles">
        <Tile name={t.preflight.wouldGet} value={t.preflight.shoppers(campaign.persons)}>
          {before.persons > 0 ? t.preflight.before(t.preflight.offers(campaign.offered), count(before.persons)) : t.preflight.offers(campaign.offered)}
        </Tile>
        <Tile name={t.preflight.held} value={t.preflight.shoppers(campaign.held)}>
          {t.preflight.heldMore}
        </Tile>
        <Tile name={t.preflight.ofOthers} value={difference(lost.reduce((n, other) => n + other.with - other.without, 0))}>
          {lost.length === 0 ? t.preflight.noneChanges : t.preflight.ofAll(count(without.offered))}
        </Tile>
        <Tile name={t.preflight.expects} value={expected.known ? amount(expected.gain.value, currency, true) : '–'}>
          {expected.known ? t.preflight.expectsMore(range(expected.gain, currency, true), amount(expected.with.value, currency), amount(expected.without.value, currency)) : t.preflight.expectsNothing}
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
        {coveredWords(report)} {report.covered.from && t.preflight.oldest(dateTime(report.covered.from))} {t.preflight.answer(report.model, report.digest)}
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
    <section className="card" aria-label={t.preflight.decided}>
      <div className="card-head">
        <h2>{t.preflight.decidedByDay}</h2>
        <ul className="preflight-legend" aria-hidden="true">
          {lines.map(({ name, color }) => (
            <li key={name}>
              <i style={{ background: `var(${color})` }} />
              {name}
            </li>
          ))}
        </ul>
        <span className="dim small num">{t.preflight.otherwise(count(changed), moments)}</span>
      </div>
      {days.length > 1 && <Chart data={data} options={dayOptions} height={160} label={t.preflight.chart(days.length)} />}
      <details className="fold block" open={days.length < 2}>
        <summary>{t.preflight.table}</summary>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.preflight.day}</th>
              <th scope="col" className="n">
                {t.preflight.offersWithout}
              </th>
              <th scope="col" className="n">
                {t.preflight.offersWith}
              </th>
              <th scope="col" className="n">
                {t.preflight.offersOwn}
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
  { name: t.preflight.offersWithout, color: '--text-faint' },
  { name: t.preflight.offersWith, color: '--ch-1' },
  { name: t.preflight.offersOwn, color: '--ch-2' },
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
  <Card title={t.preflight.reasons} empty={reasons.length === 0 && t.preflight.noReasons}>
    <div className="scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t.preflight.whyNot}</th>
            <th scope="col" className="n">
              {t.preflight.shoppersHead}
            </th>
            <th scope="col" className="n">
              {t.preflight.moments}
            </th>
          </tr>
        </thead>
        <tbody>
          {reasons.map(({ out, rule, persons, moments }) => (
            <tr key={`${out} ${rule}`}>
              <td>
                {reasonWord(out)}
                {rule && <div className={rule.startsWith(ruleSays) ? 'preflight-rule dim' : 'dim small'} dir="auto">{rule.startsWith(ruleSays) ? rule.slice(ruleSays.length) : worded(rule)}</div>}
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
    <Card title={t.preflight.others} empty={others.length === 0 && t.preflight.noOthers}>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.campaign}</th>
              <th scope="col" className="n">
                {t.preflight.without}
              </th>
              <th scope="col" className="n">
                {t.preflight.with}
              </th>
              <th scope="col" className="n">
                {t.preflight.change}
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
    ...places.slice(0, 12).map(({ shop, zone, ...rest }) => ({ key: `${shop} ${zone}`, name: zoneName(shop, zone) ?? (shop ? t.preflight.nowhere : t.preflight.notInShop), ...rest })),
    ...tiers.filter(({ tier }) => tier !== '').map(({ tier, ...rest }) => ({ key: `tier ${tier}`, name: t.preflight.tier(tier), ...rest })),
  ]
  return (
    <Card title={t.preflight.where} empty={rows.length === 0 && t.preflight.nobodyGets}>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.preflight.zoneOrTier}</th>
              <th scope="col" className="n">
                {t.preflight.shoppersHead}
              </th>
              <th scope="col" className="n">
                {t.preflight.offersHead}
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
    <Card title={t.preflight.when} empty={!hours.some((n) => n > 0) && t.preflight.never}>
      <div className="block" dir="ltr">
        <div className="hours" role="img" aria-label={t.preflight.hours(count(hours[busiest] ?? 0), busiest, hours.map((n, hour) => (n > 0 ? `${hour}: ${n}` : '')).filter(Boolean).join(', '))}>
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
  <Card title={sample.length < campaign.persons ? t.preflight.sampleOf(sample.length) : t.preflight.sample} empty={sample.length === 0 && t.preflight.nobody}>
    <div className="scroll" style={{ maxHeight: 320 }}>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">{t.preflight.shopper}</th>
            <th scope="col">{t.preflight.firstAt}</th>
            <th scope="col">{t.preflight.offer}</th>
            <th scope="col">{t.preflight.insteadOf}</th>
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
              <td className="dim">{before === offer ? t.preflight.same : (before ?? t.preflight.nothingBefore)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </Card>
)

const methods: Record<string, string> = t.preflight.methods

/** How the log was asked, for who wants to know. */
function Estimates({ report: { judged }, currency }: { report: Report; currency: string }) {
  const { report, open } = judged
  if (!report) return null
  const blind = report.unsupported > 0.05
  return (
    <details className="fold card block">
      <summary>{t.preflight.how}</summary>
      <dl className="facts num">
        <dt>{t.preflight.rows}</dt>
        <dd>
          {count(report.rows)}, {count(report.persons)}
        </dd>
        <dt>{t.preflight.effectiveRows}</dt>
        <dd>{count(Math.round(report.effective_rows))}</dd>
        <dt>{t.preflight.effectiveRewards}</dt>
        <dd>{count(Math.round(report.effective_rewards))}</dd>
        <dt>{t.preflight.unsupported}</dt>
        <dd>{percent(report.unsupported)}</dd>
        <dt>{t.preflight.meanWeight}</dt>
        <dd>
          {decimal(report.mean_weight)} ± {decimal(report.mean_weight_se)}
        </dd>
        <dt>{t.preflight.greatestShare}</dt>
        <dd>{percent(report.greatest_share)}</dd>
        <dt>{t.preflight.open}</dt>
        <dd>{count(open)}</dd>
        <dt>{t.preflight.logged}</dt>
        <dd>
          {amount(report.logged.value, currency)} ({range(report.logged, currency)})
        </dd>
      </dl>
      {blind ? (
        <p className="dim small">{t.preflight.blind}</p>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t.preflight.wouldEarn}</th>
                <th scope="col" className="n">
                  {t.preflight.by}
                </th>
                <th scope="col" className="n">
                  {t.preflight.from}
                </th>
                <th scope="col" className="n">
                  {t.preflight.to}
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
