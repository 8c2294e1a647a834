import { useMay, usePublishContract, type ContractVersion, type ContractWhole } from '@aisle/api'
import { Changes, changesBetween, contractState, dateTime, RawJson, Status } from '@aisle/ui'
import { Button } from '@mantine/core'
import { modals } from '@mantine/modals'
import { done, failed } from '../say'
import { t as house } from '../words'
import { t } from './words'

/** Who wrote what, newest first, with what is different. */
export function ContractHistory({ whole: { event, versions } }: { whole: ContractWhole }) {
  const may = useMay('admin', 'marketer')
  const publish = usePublishContract(event)
  const ask = ({ version }: ContractVersion) =>
    modals.openConfirmModal({
      title: t.publish.ask(version),
      children: <p className="dim">{t.publish.insteadMore}</p>,
      labels: { confirm: t.publish.publish, cancel: house.cancel },
      onConfirm: () => void publish.mutateAsync(version).then(() => done(t.publish.done(version, event)), failed),
    })
  return (
    <section className="card block" aria-label={house.history.title}>
      <ol className="versions">
        {versions.map((version, i) => {
          const before = versions[i + 1]
          const changes = changesBetween(before && { schema: before.schema, sources: before.sources }, { schema: version.schema, sources: version.sources })
          return (
            <li key={version.version}>
              <div className="between">
                <p>
                  <span className="strong">{house.history.version(version.version)}</span> <span className="dim">{house.history.by(version.by)}</span>
                </p>
                <span className="row">
                  <Status state={contractState(version.status)} />
                  <time className="dim small num" dateTime={version.at}>
                    {dateTime(version.at)}
                  </time>
                  {may && version.status !== 'live' && (
                    <Button size="compact-sm" variant="default" onClick={() => ask(version)} aria-label={t.history.publish(version.version)}>
                      {t.publish.publish}
                    </Button>
                  )}
                </span>
              </div>
              {version.note && <p className="small" dir="auto">{version.note}</p>}
              {changes.length > 0 ? <Changes changes={changes} /> : <p className="dim small">{before ? house.history.same : house.history.first}</p>}
              <RawJson value={version.schema} label={t.history.schema} />
            </li>
          )
        })}
      </ol>
    </section>
  )
}
