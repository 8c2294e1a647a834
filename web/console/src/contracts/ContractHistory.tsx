import { useMay, usePublishContract, type ContractVersion, type ContractWhole } from '@aisle/api'
import { Changes, changesBetween, contractState, dateTime, RawJson, Status } from '@aisle/ui'
import { Button } from '@mantine/core'
import { modals } from '@mantine/modals'
import { done, failed } from '../say'

/** Who wrote what, newest first, with what is different. */
export function ContractHistory({ whole: { event, versions } }: { whole: ContractWhole }) {
  const may = useMay('admin', 'marketer')
  const publish = usePublishContract(event)
  const ask = ({ version }: ContractVersion) =>
    modals.openConfirmModal({
      title: `Let version ${version} hold at the door?`,
      children: <p className="dim">It takes the place of the version that holds now. What does not fulfil it lies in the quarantine from then on.</p>,
      labels: { confirm: 'Publish', cancel: 'Cancel' },
      onConfirm: () => publish.mutate(version, { onSuccess: () => done(`Version ${version} of ${event} holds within seconds.`), onError: failed }),
    })
  return (
    <section className="card block" aria-label="History">
      <ol className="versions">
        {versions.map((version, i) => {
          const before = versions[i + 1]
          const changes = changesBetween(before && { schema: before.schema, sources: before.sources }, { schema: version.schema, sources: version.sources })
          return (
            <li key={version.version}>
              <div className="between">
                <p>
                  <span className="strong">Version {version.version}</span> <span className="dim">by {version.by}</span>
                </p>
                <span className="row">
                  <Status state={contractState[version.status]} />
                  <time className="dim small num" dateTime={version.at}>
                    {dateTime(version.at)}
                  </time>
                  {may && version.status !== 'live' && (
                    <Button size="compact-sm" variant="default" onClick={() => ask(version)} aria-label={`Publish version ${version.version}`}>
                      Publish
                    </Button>
                  )}
                </span>
              </div>
              {version.note && <p className="small">{version.note}</p>}
              {changes.length > 0 ? <Changes changes={changes} /> : <p className="dim small">{before ? 'Nothing but the version is different.' : 'The first.'}</p>}
              <RawJson value={version.schema} label="This version’s schema" />
            </li>
          )
        })}
      </ol>
    </section>
  )
}
