import type { DiscountLadder, Experiment } from '@aisle/api'
import { count, dateTime, decimal, percent, plural, Status, type State } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Forest, signed } from './Forest'
import { measuresOf, measureWord } from './forest'

const findings: Record<Experiment['verdict']['finding'], State> = {
  stop: { word: 'May be stopped', tone: 'good' },
  not_yet: { word: 'Not yet', tone: 'none' },
  broken: { word: 'Broken', tone: 'bad' },
}

const kinds: Record<Experiment['kind'], string> = {
  house: 'Any offers at all, against none',
  campaign: 'This campaign, against none of it',
  offers: 'Its offers, one against the others',
}

/** One experiment: who is in which arm, what they did, and what may be concluded. */
export function ExperimentCard({ experiment, linked = false }: { experiment: Experiment; linked?: boolean }) {
  const { kind, campaign, name, share, since, arms, lifts, mismatch, uneven, mixed, verdict, ladder } = experiment
  const title = kind === 'house' ? 'The house’s holdout' : name
  return (
    <section className="card experiment" aria-label={`${title}: ${kinds[kind]}`}>
      <div className="card-head">
        <h2>
          {linked && campaign ? (
            <Link to="/campaigns/$campaign" params={{ campaign }} search={{ tab: 'results' }}>
              {title}
            </Link>
          ) : (
            title
          )}
        </h2>
        <span className="grow dim small">{kinds[kind]}</span>
        <span className="dim small num">
          {percent(share)} {kind === 'offers' ? 'compared' : 'held out'} since {dateTime(since)}
        </span>
        <Status state={findings[verdict.finding]} />
      </div>
      <p className="experiment-verdict" data-finding={verdict.finding}>
        {verdict.reason}
      </p>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Arm</th>
              <th scope="col" className="n">
                Should have
              </th>
              <th scope="col" className="n">
                Shoppers
              </th>
              <th scope="col" className="n">
                Spent each
              </th>
              <th scope="col" className="n">
                Orders each
              </th>
              <th scope="col" className="n">
                Redeemed each
              </th>
              <th scope="col" className="n">
                Given away each
              </th>
            </tr>
          </thead>
          <tbody>
            {arms.map((arm) => (
              <tr key={arm.offer ?? arm.name}>
                <td>{arm.name}</td>
                <td className="n dim">{percent(arm.share)}</td>
                <td className="n">{count(arm.people)}</td>
                <td className="n">{decimal(arm.spent)}</td>
                <td className="n">{decimal(arm.orders)}</td>
                <td className="n">{decimal(arm.redeemed)}</td>
                <td className="n">{decimal(arm.given_away)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <div className="block">
        {measuresOf(experiment).map((measure) => (
          <Forest key={measure} experiment={experiment} measure={measure} />
        ))}
        <p className={uneven ? 'small experiment-uneven' : 'dim small'}>
          {uneven ? 'Uneven: shoppers' : 'Shoppers'} fall into the arms as unevenly as this by chance {mismatch < 0.001 ? 'less than once in 1,000 times' : `${percent(mismatch)} of the time`}.
          {mixed > 0 && ` ${plural(mixed, 'shopper')} left out, whose arm changed under them.`}
        </p>
        <p className="dim small">
          The thick line holds if one looks once, at the planned end; the thin one however often one looks, so that an experiment may be stopped by it. Shoppers are counted, not moments, from the first at which their arm could
          matter.
          {kind !== 'offers' && ' Spent is what orders tell: a basket that only a redeemed code makes known is not in it, as nobody held out has a code.'}
        </p>
        <details className="fold">
          <summary>The same as a table</summary>
          <div className="scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Measure</th>
                  <th scope="col">Arm</th>
                  <th scope="col" className="n">
                    Difference
                  </th>
                  <th scope="col" className="n">
                    Looking once
                  </th>
                  <th scope="col" className="n">
                    Looking often
                  </th>
                  <th scope="col" className="n">
                    Known from before
                  </th>
                </tr>
              </thead>
              <tbody>
                {lifts.map((lift) => (
                  <tr key={`${lift.measure} ${lift.arm}`}>
                    <td>{measureWord[lift.measure]}</td>
                    <td>
                      {arms[lift.arm]?.name} against {arms[lift.against]?.name}
                    </td>
                    {lift.refused ? (
                      <td className="n dim" colSpan={4}>
                        {lift.refused}
                      </td>
                    ) : (
                      <>
                        <td className="n">
                          {signed(lift.value)} {lift.relative !== 0 && <span className="dim">({signed(Math.round(lift.relative * 1000) / 10)} %)</span>}
                        </td>
                        <td className="n">
                          {signed(lift.low)} to {signed(lift.high)}
                        </td>
                        <td className="n">
                          {signed(lift.anytime_low)} to {signed(lift.anytime_high)}
                        </td>
                        <td className="n">{percent(lift.explained)}</td>
                      </>
                    )}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </details>
        {ladder && <Ladder ladder={ladder} />}
      </div>
    </section>
  )
}

/** What each depth of a discount does, where offers differ in nothing else. */
function Ladder({ ladder: { measure, steps, choice, reason } }: { ladder: DiscountLadder }) {
  return (
    <section className="stack ladder" aria-label="How deep the discount has to be" style={{ gap: 8 }}>
      <h3 className="strong">How deep it has to be</h3>
      <p>{reason}</p>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Depth</th>
              <th scope="col" className="n">
                Shoppers
              </th>
              <th scope="col" className="n">
                {measureWord[measure]}
              </th>
              <th scope="col" className="n">
                from
              </th>
              <th scope="col" className="n">
                to
              </th>
              <th scope="col" className="n">
                Given away each
              </th>
              <th scope="col">Keeps up with the best</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((step, i) => (
              <tr key={step.offer} data-choice={i === choice || undefined}>
                <td className={i === choice ? 'strong' : undefined}>
                  {percent(step.depth, 0)} {i === choice && '– enough'}
                </td>
                <td className="n">{count(step.people)}</td>
                <td className="n">{decimal(step.value)}</td>
                <td className="n">{decimal(step.low)}</td>
                <td className="n">{decimal(step.high)}</td>
                <td className="n">{decimal(step.given_away)}</td>
                <td className="dim">{choice < 0 ? '–' : step.keeps ? 'Yes' : 'No'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {measure === 'redeemed' && <p className="dim small">By offers redeemed: what people would have bought anyway is in it, so that a deeper discount looks better than it is. What people spend is gone by once orders, and shoppers who are held out, tell enough.</p>}
    </section>
  )
}
