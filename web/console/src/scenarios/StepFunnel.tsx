import type { ScenarioStepCount, ScenarioWithCounts } from '@aisle/api'
import { count, triggerWord } from '@aisle/ui'
import { stepTime, stepWords } from './draft'
import './scenarios.css'

/** What became of shoppers at each step, as of now. */
export function StepFunnel({ of: { scenario, steps } }: { of: ScenarioWithCounts }) {
  const began = Math.max(steps[0]?.entered ?? 0, 1)
  return (
    <section className="card block" aria-label="Shoppers at each step">
      <div className="between" style={{ flexWrap: 'wrap' }}>
        <h2>Shoppers at each step</h2>
        <span className="dim small">
          <i className="legend" data-is="passed" />
          passed
          <i className="legend" data-is="waiting" style={{ marginLeft: 12 }} />
          there now
          <i className="legend" data-is="lost" style={{ marginLeft: 12 }} />
          dropped out
        </span>
      </div>
      <ol className="funnel">
        {scenario.steps.map((step, i) => {
          const counts = steps[i]!
          const until = step.not === true && !step.for_ns
          return (
            <li key={`${i} ${step.name}`}>
              <span className="flow-number num">{i + 1}</span>
              <div>
                <p>
                  <span className="strong">{stepWords(step, triggerWord)}</span> <span className="dim small">{stepTime(step)}</span>
                </p>
                {!until && <Bar counts={counts} began={began} />}
                <Counts counts={counts} not={step.not === true} until={until} last={i === scenario.steps.length - 1} />
              </div>
              <p className="funnel-now">
                {!until && (
                  <>
                    <b className="num">{count(counts.waiting)}</b>
                    <span className="dim small">{counts.waiting === 1 ? 'is here now' : 'are here now'}</span>
                  </>
                )}
              </p>
            </li>
          )
        })}
      </ol>
      <p className="dim small">Counted since these steps are live as they are now; a change of the steps begins anew.</p>
    </section>
  )
}

const lostOf = (c: ScenarioStepCount) => c.timed_out + c.stopped + c.let_go

function Bar({ counts, began }: { counts: ScenarioStepCount; began: number }) {
  const share = (n: number) => ({ width: `${Math.max(0, (100 * n) / began)}%` })
  return (
    <div className="funnel-bar" aria-hidden style={{ marginTop: 6 }}>
      <i data-is="passed" style={share(counts.passed)} />
      <i data-is="waiting" style={share(counts.waiting)} />
      <i data-is="lost" style={share(lostOf(counts))} />
    </div>
  )
}

function Counts({ counts, not, until, last }: { counts: ScenarioStepCount; not: boolean; until: boolean; last: boolean }) {
  const parts: [number, string][] = until
    ? [[counts.stopped, 'did it, and dropped out']]
    : [
        [counts.entered, 'came here'],
        [counts.passed, last ? 'completed it' : not ? 'did not do it' : 'passed'],
        [counts.timed_out, 'ran out of time'],
        [counts.stopped, not ? 'did it, and dropped out' : 'did what must not happen'],
        [counts.let_go, 'began anew or withdrew'],
        [counts.silenced, 'untold for another scenario'],
      ]
  return (
    <p className="funnel-counts num">
      {parts
        .filter(([n], i) => n > 0 || i === 0)
        .map(([n, words]) => (
          <span key={words}>
            <b>{count(n)}</b> {words}
          </span>
        ))}
    </p>
  )
}
