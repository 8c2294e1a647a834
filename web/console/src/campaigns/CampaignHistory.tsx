import type { components } from '@aisle/api'
import { campaignState, Changes, changesBetween, dateTime, Empty, RawJson, Status } from '@aisle/ui'

type Version = components['schemas']['CampaignVersion']

/** Who changed what, newest first. */
export function CampaignHistory({ versions }: { versions: Version[] }) {
  if (versions.length === 0) {
    return (
      <div className="card">
        <Empty title="No history yet">Each change is kept here, with who made it and what was different.</Empty>
      </div>
    )
  }
  return (
    <section className="card block" aria-label="History">
      <ol className="stack" style={{ gap: 0 }}>
        {versions.map(({ campaign, at, by }, i) => {
          const changes = changesBetween(versions[i + 1]?.campaign, campaign)
          return (
            <li key={campaign.version} style={{ padding: '12px 0', borderTop: i === 0 ? 0 : '1px solid var(--line)', display: 'grid', gap: 6 }}>
              <div className="between">
                <p>
                  <span className="strong">Version {campaign.version}</span> <span className="dim">by {by}</span>
                </p>
                <span className="row">
                  <Status state={campaignState[campaign.status]} />
                  <time className="dim small num" dateTime={at}>
                    {dateTime(at)}
                  </time>
                </span>
              </div>
              {changes.length > 0 ? (
                <Changes changes={changes} />
              ) : (
                <p className="dim small">{i === versions.length - 1 ? 'The first.' : 'Nothing but the version is different.'}</p>
              )}
              <RawJson value={campaign} label="This version as JSON" />
            </li>
          )
        })}
      </ol>
    </section>
  )
}
