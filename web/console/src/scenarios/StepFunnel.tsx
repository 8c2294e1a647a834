import type { ScenarioWithCounts } from '@aisle/api'
import { count, triggerWord } from '@aisle/ui'
import { stepTime, stepWords } from './draft'
import { figuresOf } from './figures'
import { FunnelBar } from './FunnelBar'
import { t } from './words'
import './scenarios.css'

/** What became of shoppers at each step, as of now. */
export function StepFunnel({ of: { scenario, steps } }: { of: ScenarioWithCounts }) {
  return (
    <section className="card block" aria-label={t.funnel.title}>
      <div className="between" style={{ flexWrap: 'wrap' }}>
        <h2>{t.funnel.title}</h2>
        <Legend />
      </div>
      <ol className="funnel">
        {scenario.steps.map((step, i) => {
          const figures = figuresOf(step, steps[i]!, i === scenario.steps.length - 1)
          return (
            <li key={`${i} ${step.name}`}>
              <span className="flow-number num">{i + 1}</span>
              <div>
                <p>
                  <bdi className="strong">{stepWords(step, triggerWord)}</bdi> <span className="dim small">{stepTime(step)}</span>
                </p>
                {figures.waiting !== undefined && <FunnelBar figures={figures} began={steps[0]!.entered} />}
                <p className="funnel-counts num">
                  {figures.told
                    .filter(([n], i) => n > 0 || i === 0)
                    .map(([n, words]) => (
                      <span key={words}>
                        <b>{count(n)}</b> {words}
                      </span>
                    ))}
                </p>
              </div>
              <p className="funnel-now">
                {figures.waiting !== undefined && (
                  <>
                    <b className="num">{count(figures.waiting)}</b>
                    <span className="dim small">{t.funnel.hereNow(figures.waiting)}</span>
                  </>
                )}
              </p>
            </li>
          )
        })}
      </ol>
      <p className="dim small">{t.funnel.note}</p>
    </section>
  )
}

/** What the colours of the bars say. */
export const Legend = () => (
  <span className="dim small legends">
    <span>
      <i className="legend" data-is="passed" />
      {t.funnel.legend.passed}
    </span>
    <span>
      <i className="legend" data-is="waiting" />
      {t.funnel.legend.waiting}
    </span>
    <span>
      <i className="legend" data-is="lost" />
      {t.funnel.legend.lost}
    </span>
  </span>
)
