import type { CampaignStatus } from '@aisle/api'
import { campaignState, Changes, changesBetween, dateTime, Empty, RawJson, Status } from '@aisle/ui'
import { Button } from '@mantine/core'
import { Undo2 } from 'lucide-react'
import './versions.css'
import { t } from './words'

interface Kept {
  version: number
  /** Segments have none. */
  status?: CampaignStatus
}

/** A campaign, a scenario or a segment as it was, and who made it so. */
export interface KeptVersion<T> {
  document: T
  at: string
  by: string
}

interface VersionHistoryProps<T> {
  versions: KeptVersion<T>[]
  /** Makes what an older version says the newest; not there where nothing may be changed. */
  takeBack?: ((older: T) => void) | undefined
}

/** Who changed what, newest first. */
export function VersionHistory<T extends Kept>({ versions, takeBack }: VersionHistoryProps<T>) {
  if (versions.length === 0) {
    return (
      <div className="card">
        <Empty title={t.history.none}>{t.history.noneMore}</Empty>
      </div>
    )
  }
  return (
    <section className="card block" aria-label={t.history.title}>
      <ol className="history">
        {versions.map(({ document, at, by }, i) => {
          // What a rule was built of is the rule in other words.
          const changes = changesBetween(versions[i + 1]?.document, document).filter(({ field }) => !/^trees?\./.test(field))
          return (
            <li key={document.version}>
              <div className="between">
                <p>
                  <span className="strong">{t.history.version(document.version)}</span> <span className="dim">{t.history.by(by)}</span>
                </p>
                <span className="row">
                  {takeBack && i > 0 && (
                    <Button variant="subtle" color="gray" size="compact-xs" leftSection={<Undo2 size={12} />} onClick={() => takeBack(document)}>
                      {t.history.back}
                    </Button>
                  )}
                  {document.status && <Status state={campaignState(document.status)} />}
                  <time className="dim small num" dateTime={at}>
                    {dateTime(at)}
                  </time>
                </span>
              </div>
              {changes.length > 0 ? <Changes changes={changes} /> : <p className="dim small">{i === versions.length - 1 ? t.history.first : t.history.same}</p>}
              <RawJson value={document} label={t.history.json} />
            </li>
          )
        })}
      </ol>
    </section>
  )
}
