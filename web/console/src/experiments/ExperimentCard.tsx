import type { DiscountLadder, Experiment } from '@aisle/api'
import { count, dateTime, decimal, percent, Status, worded, type State } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Forest, signed } from './Forest'
import { against, armName, measuresOf } from './forest'
import { t } from './words'

const findings: Record<Experiment['verdict']['finding'], State> = {
  stop: { word: t.card.findings.stop, tone: 'good' },
  not_yet: { word: t.card.findings.not_yet, tone: 'none' },
  broken: { word: t.card.findings.broken, tone: 'bad' },
}

/** One experiment: who is in which arm, what they did, and what may be concluded. */
export function ExperimentCard({ experiment, linked = false }: { experiment: Experiment; linked?: boolean }) {
  const { kind, campaign, name, share, since, arms, lifts, mismatch, uneven, mixed, verdict, ladder } = experiment
  const title = kind === 'house' ? t.card.house : name
  return (
    <section className="card experiment" aria-label={`${title}: ${t.card.kinds[kind]}`}>
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
        <span className="grow dim small">{t.card.kinds[kind]}</span>
        <span className="dim small num">
          {(kind === 'offers' ? t.card.compared : t.card.heldOut)(percent(share), dateTime(since))}
        </span>
        <Status state={findings[verdict.finding]} />
      </div>
      <p className="experiment-verdict" dir="auto" data-finding={verdict.finding}>
        {worded(verdict.reason)}
      </p>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.card.arm}</th>
              <th scope="col" className="n">
                {t.card.should}
              </th>
              <th scope="col" className="n">
                {t.card.shoppers}
              </th>
              <th scope="col" className="n">
                {t.card.spent}
              </th>
              <th scope="col" className="n">
                {t.card.orders}
              </th>
              <th scope="col" className="n">
                {t.card.redeemed}
              </th>
              <th scope="col" className="n">
                {t.card.given}
              </th>
            </tr>
          </thead>
          <tbody>
            {arms.map((arm) => (
              <tr key={arm.offer ?? arm.name}>
                <td dir="auto">{armName(arm)}</td>
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
          {(uneven ? t.card.uneven : t.card.even)(mismatch < 0.001 ? t.card.rarely : t.card.ofTheTime(percent(mismatch)))}
          {mixed > 0 && ` ${t.card.mixed(mixed)}`}
        </p>
        <p className="dim small">
          {t.card.lines}
          {kind !== 'offers' && ` ${t.card.spentNote}`}
        </p>
        <details className="fold">
          <summary>{t.card.asTable}</summary>
          <div className="scroll">
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">{t.card.measure}</th>
                  <th scope="col">{t.card.arm}</th>
                  <th scope="col" className="n">
                    {t.card.difference}
                  </th>
                  <th scope="col" className="n">
                    {t.card.once}
                  </th>
                  <th scope="col" className="n">
                    {t.card.often}
                  </th>
                  <th scope="col" className="n">
                    {t.card.before}
                  </th>
                </tr>
              </thead>
              <tbody>
                {lifts.map((lift) => (
                  <tr key={`${lift.measure} ${lift.arm}`}>
                    <td>{t.forest.measures[lift.measure]}</td>
                    <td>{against(arms, lift)}</td>
                    {lift.refused ? (
                      <td className="n dim" dir="auto" colSpan={4}>
                        {worded(lift.refused)}
                      </td>
                    ) : (
                      <>
                        <td className="n">
                          {signed(lift.value)} {lift.relative !== 0 && <span className="dim">({signed(Math.round(lift.relative * 1000) / 10)} %)</span>}
                        </td>
                        <td className="n">
                          {t.card.range(signed(lift.low), signed(lift.high))}
                        </td>
                        <td className="n">
                          {t.card.range(signed(lift.anytime_low), signed(lift.anytime_high))}
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
    <section className="stack ladder" aria-label={t.ladder.label} style={{ gap: 8 }}>
      <h3 className="strong">{t.ladder.title}</h3>
      <p dir="auto">{worded(reason)}</p>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.ladder.depth}</th>
              <th scope="col" className="n">
                {t.card.shoppers}
              </th>
              <th scope="col" className="n">
                {t.forest.measures[measure]}
              </th>
              <th scope="col" className="n">
                {t.ladder.from}
              </th>
              <th scope="col" className="n">
                {t.ladder.to}
              </th>
              <th scope="col" className="n">
                {t.card.given}
              </th>
              <th scope="col">{t.ladder.keepsUp}</th>
            </tr>
          </thead>
          <tbody>
            {steps.map((step, i) => (
              <tr key={step.offer} data-choice={i === choice || undefined}>
                <td className={i === choice ? 'strong' : undefined}>
                  {percent(step.depth, 0)} {i === choice && t.ladder.enough}
                </td>
                <td className="n">{count(step.people)}</td>
                <td className="n">{decimal(step.value)}</td>
                <td className="n">{decimal(step.low)}</td>
                <td className="n">{decimal(step.high)}</td>
                <td className="n">{decimal(step.given_away)}</td>
                <td className="dim">{choice < 0 ? '–' : step.keeps ? t.ladder.yes : t.ladder.no}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {measure === 'redeemed' && <p className="dim small">{t.ladder.redeemedNote}</p>}
    </section>
  )
}
