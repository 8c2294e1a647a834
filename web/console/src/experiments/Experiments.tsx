import { useExperiments, type Experiment } from '@aisle/api'
import { ago, count, dateTime, Failure, Skeleton, useNow } from '@aisle/ui'
import { Button } from '@mantine/core'
import { RotateCw, Sheet } from 'lucide-react'
import type { ReactNode } from 'react'
import { download } from '../table'
import { ExperimentCard } from './ExperimentCard'
import { csvOf } from './exports'
import { t } from './words'
import './experiments.css'

interface ExperimentsProps {
  /** Which are shown; all if it is left out. */
  of?: (experiment: Experiment) => boolean
  /** What is said where there is none. */
  none: ReactNode
  linked?: boolean
}

/** What experiments say so far, with how much of the past that is. */
export function Experiments({ of = () => true, none, linked = false }: ExperimentsProps) {
  const { running, progress, report, error, again } = useExperiments()
  const now = useNow(10_000)
  if (error && !report) return <Failure error={error} retry={again} />
  if (!report) {
    return (
      <div className="stack" role="status">
        <p className="dim num">{progress ? t.counting.progress(count(progress.events), progress.partitions, progress.of) : t.counting.reading}</p>
        <Skeleton height={220} style={{ borderRadius: 10 }} />
      </div>
    )
  }
  const shown = report.results.filter(of)
  const { events, decisions, partitions, of: parts, bounded, timed_out, from } = report.covered
  return (
    <div className="stack" style={{ gap: 16 }}>
      {shown.length === 0 ? none : shown.map((experiment) => <ExperimentCard key={`${experiment.kind} ${experiment.campaign}`} experiment={experiment} linked={linked} />)}
      {shown.length > 0 && (
        <div className="between">
          <p className="dim small num">
            {from ? t.counting.countedSince(ago(report.at, now), count(events), count(decisions), dateTime(from)) : t.counting.counted(ago(report.at, now), count(events), count(decisions))}
            {bounded && ` ${t.counting.bounded}`}
            {timed_out && ` ${t.counting.timedOut(partitions, parts)}`}
            {report.merged > 0 && ` ${t.counting.merged(report.merged)}`}
          </p>
          <div className="row" style={{ gap: 8, flexShrink: 0 }}>
            <Button variant="default" size="compact-sm" leftSection={<Sheet size={12} />} onClick={() => download('experiments.csv', 'text/csv', csvOf(shown))}>
              {t.counting.export}
            </Button>
            <Button variant="default" size="compact-sm" leftSection={<RotateCw size={12} />} loading={running} onClick={() => void again()}>
              {t.counting.again}
            </Button>
          </div>
        </div>
      )}
    </div>
  )
}
