import type { Campaign, CampaignStats, Counts } from '@aisle/api'
import { count, day, Empty, millis, money, percent, Spark } from '@aisle/ui'
import { Experiments } from '../experiments/Experiments'
import { Tile } from './CampaignTiles'

const steps: { name: string; of: (counts: Counts) => number; says: string }[] = [
  { name: 'Decided', of: ({ offered }) => offered, says: 'decisions that chose an offer of this campaign' },
  { name: 'Sent', of: ({ sent }) => sent, says: 'of which at least one message left' },
  { name: 'Delivered', of: ({ delivered }) => delivered, says: 'that a phone is known to have' },
  { name: 'Redeemed', of: ({ redeemed }) => redeemed, says: 'at a till' },
]

/** What came of a campaign: from decisions to the till, by day. */
export function CampaignResults({ campaign, stats }: { campaign: Campaign; stats: CampaignStats }) {
  const { total, today, days, p95_ms, earned } = stats
  if (total.offered + total.held_out === 0) {
    return (
      <div className="card">
        <Empty title="Nothing to count yet">
          {campaign.status === 'live' ? 'It is live and waits for its trigger. What it sends, and what comes of it, is counted here.' : 'Once the campaign is live, what it sends and what comes of it is counted here.'}
        </Empty>
      </div>
    )
  }
  return (
    <div className="stack" style={{ gap: 16 }}>
      <div className="tiles">
        <Tile name="Sent, in all" value={count(total.sent)} spark={days.map(({ counts }) => counts.sent)}>
          {count(today.sent)} today
        </Tile>
        <Tile name="Redeemed, of those sent" value={total.sent > 0 ? percent(total.redeemed / total.sent) : '–'} spark={days.map(({ counts }) => counts.redeemed)}>
          {count(total.redeemed)} in all, {count(today.redeemed)} today
        </Tile>
        <Tile name="Event to phone, p95, 14 days" value={p95_ms > 0 ? millis(p95_ms) : '–'}>
          Target 200 ms
        </Tile>
        <Tile name="Baskets with an offer, in all" value={earned.length > 0 ? earned.map(money).join(' + ') : '–'}>
          {count(total.held_out)} shoppers held out, to compare with
        </Tile>
      </div>
      <section className="card block" aria-label="From decision to till">
        <h2>From decision to till, in all</h2>
        <ul className="stack">
          {steps.map(({ name, of, says }) => (
            <li key={name} className="row num" style={{ gap: 12 }}>
              <span style={{ width: 76 }}>{name}</span>
              <span className="grow" style={{ height: 10, borderRadius: 5, background: 'var(--hover)' }}>
                <span style={{ display: 'block', height: '100%', borderRadius: 5, background: 'var(--ch-1)', width: percent(total.offered > 0 ? Math.min(1, of(total) / total.offered) : 0) }} />
              </span>
              <span className="strong" style={{ width: 64, textAlign: 'right' }}>
                {count(of(total))}
              </span>
              <span className="dim small" style={{ width: 250 }}>
                {says}
              </span>
            </li>
          ))}
        </ul>
        <p className="dim small num">
          {count(total.refused)} refused by our own guard (consent, caps, quiet hours), {count(total.failed)} failed.
        </p>
      </section>
      <section className="card" aria-label="By day">
        <div className="card-head">
          <h2>By day, last 14 days</h2>
          <Spark values={days.map(({ counts }) => counts.sent)} width={120} />
        </div>
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Day</th>
                {['Decided', 'Sent', 'Delivered', 'Refused', 'Failed', 'Redeemed', 'Held out'].map((name) => (
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
        none={<p className="card block dim">Nobody is held out of this campaign, and its offers are not compared: what it earns cannot be told from what shoppers would have done anyway. Both are among its limits.</p>}
      />
    </div>
  )
}
