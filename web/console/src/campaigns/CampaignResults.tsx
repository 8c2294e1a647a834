import type { Campaign, CampaignStats, Counts } from '@aisle/api'
import { count, day, Empty, millis, money, percent, Spark } from '@aisle/ui'
import { Experiments } from '../experiments/Experiments'
import { Tile } from './CampaignTiles'
import { t } from './words'

const steps: { name: string; of: (counts: Counts) => number; says: string }[] = [
  { name: t.results.decided, of: ({ offered }) => offered, says: t.results.decidedMore },
  { name: t.results.sent, of: ({ sent }) => sent, says: t.results.sentMore },
  { name: t.results.delivered, of: ({ delivered }) => delivered, says: t.results.deliveredMore },
  { name: t.results.redeemed, of: ({ redeemed }) => redeemed, says: t.results.redeemedMore },
]

/** What came of a campaign: from decisions to the till, by day. */
export function CampaignResults({ campaign, stats }: { campaign: Campaign; stats: CampaignStats }) {
  const { total, today, days, p95_ms, earned } = stats
  if (total.offered + total.held_out === 0) {
    return (
      <div className="card">
        <Empty title={t.results.none}>
          {campaign.status === 'live' ? t.results.waits : t.results.notLive}
        </Empty>
      </div>
    )
  }
  return (
    <div className="stack" style={{ gap: 16 }}>
      <div className="tiles">
        <Tile name={t.results.sentInAll} value={count(total.sent)} spark={days.map(({ counts }) => counts.sent)}>
          {t.results.today(count(today.sent))}
        </Tile>
        <Tile name={t.results.redeemedShare} value={total.sent > 0 ? percent(total.redeemed / total.sent) : '–'} spark={days.map(({ counts }) => counts.redeemed)}>
          {t.results.redeemedToday(count(total.redeemed), count(today.redeemed))}
        </Tile>
        <Tile name={t.results.p95} value={p95_ms > 0 ? millis(p95_ms) : '–'}>
          {t.tiles.target}
        </Tile>
        <Tile name={t.results.baskets} value={earned.length > 0 ? earned.map(money).join(' + ') : '–'}>
          {t.results.heldOutMore(count(total.held_out))}
        </Tile>
      </div>
      <section className="card block" aria-label={t.results.way}>
        <h2>{t.results.wayInAll}</h2>
        <ul className="stack">
          {steps.map(({ name, of, says }) => (
            <li key={name} className="row num" style={{ gap: 12 }}>
              <span style={{ width: 76 }}>{name}</span>
              <span className="grow" style={{ height: 10, borderRadius: 5, background: 'var(--hover)' }}>
                <span style={{ display: 'block', height: '100%', borderRadius: 5, background: 'var(--ch-1)', width: `${total.offered > 0 ? Math.min(100, (100 * of(total)) / total.offered) : 0}%` }} />
              </span>
              <span className="strong" style={{ width: 64, textAlign: 'end' }}>
                {count(of(total))}
              </span>
              <span className="dim small" style={{ width: 250 }}>
                {says}
              </span>
            </li>
          ))}
        </ul>
        <p className="dim small num">
          {t.results.lost(count(total.refused), count(total.failed))}
        </p>
      </section>
      <section className="card" aria-label={t.results.byDay}>
        <div className="card-head">
          <h2>{t.results.byDayMore}</h2>
          <Spark values={days.map(({ counts }) => counts.sent)} width={120} />
        </div>
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t.results.day}</th>
                {[t.results.decided, t.results.sent, t.results.delivered, t.results.refused, t.results.failed, t.results.redeemed, t.results.heldOut].map((name) => (
                  <th scope="col" className="n" key={name}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {days.toReversed().map(({ day: date, counts: { offered, sent, delivered, refused, failed, redeemed, held_out } }) => (
                <tr key={date}>
                  <td>{day(`${date}T12:00:00Z`)}</td>
                  {[offered, sent, delivered, refused, failed, redeemed, held_out].map((n, i) => (
                    <td className="n" key={i}>
                      {n === 0 ? <span className="faint">–</span> : count(n)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <Experiments
        of={(experiment) => experiment.campaign === campaign.id}
        none={<p className="card block dim">{t.results.noExperiment}</p>}
      />
    </div>
  )
}
