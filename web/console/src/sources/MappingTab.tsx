import { Problem, useMapping, useMay, useSaveMapping, useTriedMapping, type Mapping, type MappingWhole } from '@aisle/api'
import { ago, dateTime, said, useNow } from '@aisle/ui'
import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { ChevronRight } from 'lucide-react'
import { useState } from 'react'
import { fieldErrors } from '../errors'
import { Loaded } from '../Page'
import { done } from '../say'
import { t as house } from '../words'
import { MappingPreview } from './MappingPreview'
import { draftOf, StepsEditor } from './StepsEditor'
import { sameSteps, sentenceOf, stepErrors, wholeSteps } from './steps'
import { useKnown } from './known'
import { t } from './words'

/** How a source's names become the house's: steps, what they would do, and how they were before. */
export function MappingTab({ source }: { source: string }) {
  const asked = useMapping(source)
  return (
    <Loaded of={asked} height={420}>
      {(whole) => <MappingForm key={`${source} ${whole.mapping.version}`} source={source} whole={whole} reload={asked.refetch} />}
    </Loaded>
  )
}

function MappingForm({ source, whole: { mapping, history }, reload }: { source: string; whole: MappingWhole; reload: () => unknown }) {
  const may = useMay('admin', 'marketer')
  const [steps, setSteps] = useState(() => draftOf(mapping.steps))
  const [note, setNote] = useState('')
  const save = useSaveMapping(source)
  const whole = wholeSteps(steps)
  const [settled] = useDebouncedValue(whole, 400)
  const tried = useTriedMapping(source, may ? settled : undefined)
  const known = useKnown(source)
  const changed = !sameSteps(steps, mapping.steps)
  const wrong = stepErrors({ ...fieldErrors(tried.error), ...fieldErrors(save.error) })
  const conflict = save.error instanceof Problem && save.error.status === 409
  // What is kept begins this form anew, so the answer is waited for here. Why not is told in the bar.
  const send = () =>
    whole &&
    save.mutateAsync({ version: mapping.version, steps: whole, ...(note.trim() && { note: note.trim() }) }).then(
      () => done(t.mapping.kept(source)),
      () => undefined,
    )

  return (
    <div className="two" data-wide="">
      <div className="stack">
        <section className="card block" aria-label={t.mapping.steps}>
          <div className="between">
            <h2>{t.mapping.title}</h2>
            <span className="dim small num">{mapping.version > 0 ? t.version(mapping.version) : t.mapping.none}</span>
          </div>
          <StepsEditor steps={steps} onChange={setSteps} known={known} errors={wrong.at} disabled={!may} />
        </section>
        {conflict && (
          <div className="problem" role="alert">
            <p>
              <strong>{t.mapping.conflict}</strong> {t.mapping.conflictMore}
            </p>
            <Button variant="default" onClick={() => void reload()}>
              {t.mapping.reload}
            </Button>
          </div>
        )}
        {may && (changed || save.isPending) && (
          <div className="save-bar" role="group" aria-label={house.save}>
            {save.error && !conflict && (
              <p className="error grow" role="alert" dir="auto">
                {wrong.rest[0] ?? (wrong.at.size > 0 ? t.mapping.wrong : said(save.error))}
              </p>
            )}
            <TextInput aria-label={t.mapping.note} placeholder={t.mapping.noteOptional} maxLength={500} value={note} onChange={({ currentTarget }) => setNote(currentTarget.value)} w={240} />
            <Button variant="default" onClick={() => setSteps(draftOf(mapping.steps))}>
              {t.mapping.takeBack}
            </Button>
            <Button onClick={() => void send()} loading={save.isPending} disabled={!whole}>
              {t.mapping.keep}
            </Button>
          </div>
        )}
        <History history={history} onUse={may ? ({ steps }) => setSteps(draftOf(steps)) : undefined} />
      </div>
      {may && (
        <aside>
          <section className="card block" aria-label={t.mapping.preview}>
            <h2>{t.mapping.preview}</h2>
            <MappingPreview of={wrong.at.size > 0 ? { ...tried, error: null } : tried} whole={whole !== undefined && wrong.at.size === 0} />
          </section>
        </aside>
      )}
    </div>
  )
}

function History({ history, onUse }: { history: Mapping[]; onUse?: ((mapping: Mapping) => void) | undefined }) {
  const now = useNow(30_000)
  if (history.length === 0) return null
  return (
    <section className="card block" aria-label={t.mapping.earlier}>
      <h2>{t.mapping.versions}</h2>
      <ol className="versions">
        {history.map((version, i) => (
          <li key={version.version}>
            <div className="between">
              <p>
                <span className="strong">{t.version(version.version)}</span> <span className="dim">{version.by && house.history.by(version.by)}</span>
              </p>
              <span className="row">
                {version.at && (
                  <time className="dim small num" dateTime={version.at} title={dateTime(version.at)}>
                    {ago(version.at, now)}
                  </time>
                )}
                {onUse && i > 0 && (
                  <Button size="compact-xs" variant="default" onClick={() => onUse(version)}>
                    {t.mapping.take}
                  </Button>
                )}
              </span>
            </div>
            {version.note && (
              <p className="small" dir="auto">
                {version.note}
              </p>
            )}
            {version.steps.length === 0 ? (
              <p className="dim small">{t.mapping.noSteps}</p>
            ) : (
              <details className="fold">
                <summary>
                  <ChevronRight size={13} aria-hidden />
                  {t.mapping.count(version.steps.length)}
                </summary>
                <ol className="small stack" style={{ gap: 3 }}>
                  {version.steps.map((step, n) => (
                    <li key={n}>
                      <span className="dim num">{n + 1}.</span> {sentenceOf(step)}
                    </li>
                  ))}
                </ol>
              </details>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
