import type { CampaignStatus } from '@aisle/api'
import { campaignState, Changes, changesBetween, dateTime, Empty, RawJson, Status } from '@aisle/ui'
import { Button } from '@mantine/core'
import { Undo2 } from 'lucide-react'
import './versions.css'

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
        <Empty title="No history yet">Each change is kept here, with who made it and what was different.</Empty>
      </div>
    )
  }
  return (
    <section className="card block" aria-label="History">
      <ol className="history">
        {versions.map(({ document, at, by }, i) => {
          // What a rule was built of is the rule in other words.
          const changes = changesBetween(versions[i + 1]?.document, document).filter(({ field }) => !/^trees?\./.test(field))
          return (
            <li key={document.version}>
              <div className="between">
                <p>
                  <span className="strong">Version {document.version}</span> <span className="dim">by {by}</span>
                </p>
                <span className="row">
                  {takeBack && i > 0 && (
                    <Button variant="subtle" color="gray" size="compact-xs" leftSection={<Undo2 size={12} />} onClick={() => takeBack(document)}>
                      Back to this
                    </Button>
                  )}
                  {document.status && <Status state={campaignState(document.status)} />}
                  <time className="dim small num" dateTime={at}>
                    {dateTime(at)}
                  </time>
                </span>
              </div>
              {changes.length > 0 ? <Changes changes={changes} /> : <p className="dim small">{i === versions.length - 1 ? 'The first.' : 'Nothing but the version is different.'}</p>}
              <RawJson value={document} label="This version as JSON" />
            </li>
          )
        })}
      </ol>
    </section>
  )
}
