import { Problem, useContract, useMapping, useSaveContract, useSaveMapping, useTried, type JSONSchema, type MappingStep, type NewTry, type QuarantinedWhole, type Tried } from '@aisle/api'
import { CodeArea, dateTime, Failure, RawJson, reasonWord, Skeleton, Status, worded } from '@aisle/ui'
import { Button, SegmentedControl } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { CircleCheck, CircleX } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { nameOf, readSchema, schemaText } from '../contracts/schema'
import { fieldErrors } from '../errors'
import { LinkButton } from '../LinkButton'
import { done, failed } from '../say'
import { useKnown } from '../sources/known'
import { draftOf, StepsEditor } from '../sources/StepsEditor'
import { sameSteps, stepErrors, wholeSteps, type DraftStep } from '../sources/steps'
import { SendOne } from './SendOne'
import { t } from './words'
import '../sources/sources.css'

type Edit = 'now' | 'steps' | 'contract'

/** What would come of a record: by the rules that hold, or by steps or a contract that one writes here. */
export function TryIt({ whole: { record }, onTried }: { whole: QuarantinedWhole; onTried: (tried: Tried) => void }) {
  const [edit, setEdit] = useState<Edit>('now')
  const [rules, setRules] = useState<NewTry | undefined>({})
  const [settled] = useDebouncedValue(rules, 400)
  const tried = useTried(record.id, settled ?? {}, settled !== undefined)
  const event = nameOf(record.event ?? '').name
  useEffect(() => {
    if (tried.data) onTried(tried.data)
  }, [tried.data])
  const errors = fieldErrors(tried.error)
  const shown = Object.keys(errors).length === 0
  return (
    <section className="card block" aria-label={t.trial.label}>
      <div className="between" style={{ flexWrap: 'wrap' }}>
        <h2>{t.trial.title}</h2>
        <SegmentedControl
          aria-label={t.trial.rules}
          value={edit}
          onChange={(value) => {
            setEdit(value as Edit)
            setRules({})
          }}
          data={[
            { value: 'now', label: t.trial.now },
            { value: 'steps', label: t.trial.steps },
            { value: 'contract', label: t.trial.contract },
          ]}
        />
      </div>
      {edit === 'steps' && <Steps source={record.source} errors={errors} onSteps={(steps) => setRules(steps && { steps })} />}
      {edit === 'contract' &&
        (event ? (
          <Contract event={event} error={errors['contract.schema'] ?? errors.schema} onSchema={(schema) => setRules(schema && { contract: { event, schema } })} />
        ) : (
          <p className="dim small">{t.trial.noEvent}</p>
        ))}
      {rules === undefined ? (
        <p className="dim small">{t.trial.notWhole}</p>
      ) : tried.error && shown ? (
        <Failure error={tried.error} retry={tried.refetch} />
      ) : !shown ? null : tried.data ? (
        <div data-old={tried.isPlaceholderData || settled !== rules || undefined} aria-live="polite">
          <Outcome tried={tried.data} />
        </div>
      ) : (
        <Skeleton height={90} />
      )}
      {edit === 'now' && tried.data && tried.data.events.length > 0 && record.state !== 'replayed' && (
        <div className="row">
          <SendOne record={record} />
          <span className="dim small">{t.trial.readable}</span>
        </div>
      )}
    </section>
  )
}

function Outcome({ tried: { events, bad, dropped } }: { tried: Tried }) {
  if (events.length === 0 && bad.length === 0) return <p className="outcome">{dropped > 0 ? t.trial.left : t.trial.nothing}</p>
  return (
    <ul className="outcomes">
      {events.map((event, i) => (
        <li key={`event ${i}`} data-tone="good">
          <CircleCheck size={15} aria-hidden />
          <div className="stack" style={{ gap: 4 }}>
            <p>
              {t.trial.event} <span className="mono strong">{event.type}</span> <span className="dim num">{t.trial.of(dateTime(event.time))}</span>{' '}
              {event.changed && <Status state={{ word: t.trial.mended, tone: 'info' }} />}
            </p>
            <p className="dim small">{event.identifiers?.length ? t.trial.names(event.identifiers.join(', ')) : t.trial.nobody}</p>
            <RawJson value={event} label={t.trial.json} open={events.length === 1} />
          </div>
        </li>
      ))}
      {bad.map(({ reason, detail, event, problems }, i) => (
        <li key={`bad ${i}`} data-tone="bad">
          <CircleX size={15} aria-hidden />
          <div className="stack" style={{ gap: 4 }}>
            <p>
              {event && <span className="mono strong">{event}: </span>}
              <bdi>{detail ? worded(detail) : reasonWord(reason)}</bdi>
            </p>
            {problems && problems.length > 0 && (
              <ul className="small">
                {problems.map(({ at, says }) => (
                  <li key={`${at} ${says}`}>
                    <code>{at || '/'}</code> <bdi>{worded(says)}</bdi>
                  </li>
                ))}
              </ul>
            )}
          </div>
        </li>
      ))}
      {dropped > 0 && <li className="dim">{t.trial.leftOut(dropped)}</li>}
    </ul>
  )
}

function Steps({ source, errors, onSteps }: { source: string; errors: Record<string, string>; onSteps: (steps: MappingStep[] | undefined) => void }) {
  const mapping = useMapping(source)
  if (mapping.error) return <Failure error={mapping.error} retry={mapping.refetch} />
  if (!mapping.data) return <Skeleton height={120} />
  return <StepsOf key={mapping.data.mapping.version} source={source} version={mapping.data.mapping.version} kept={mapping.data.mapping.steps} errors={errors} onSteps={onSteps} />
}

function StepsOf({ source, version, kept, errors, onSteps }: { source: string; version: number; kept: MappingStep[]; errors: Record<string, string>; onSteps: (steps: MappingStep[] | undefined) => void }) {
  const [steps, setSteps] = useState(() => draftOf(kept))
  const known = useKnown(source)
  const save = useSaveMapping(source)
  const whole = wholeSteps(steps)
  const change = (steps: DraftStep[]) => {
    setSteps(steps)
    onSteps(wholeSteps(steps))
  }
  const conflict = save.error instanceof Problem && save.error.status === 409
  // What is kept begins this form anew, so the answer is waited for here.
  const keep = () =>
    whole &&
    save.mutateAsync({ version, steps: whole }).then(
      () => done(t.trial.keptSteps(source)),
      (error) => Object.keys(fieldErrors(error)).length === 0 && failed(error),
    )
  return (
    <>
      <StepsEditor steps={steps} onChange={change} known={known} errors={stepErrors({ ...errors, ...fieldErrors(save.error) }).at} />
      {!sameSteps(steps, kept) && (
        <div className="row">
          <Button
            disabled={!whole}
            loading={save.isPending}
            onClick={() => void keep()}
          >
            {t.trial.keepSteps}
          </Button>
          <span className="dim small">{conflict ? t.trial.conflict : t.trial.holdFor(source)}</span>
        </div>
      )}
    </>
  )
}

function Contract({ event, error, onSchema }: { event: string; error: string | undefined; onSchema: (schema: JSONSchema | undefined) => void }) {
  const contract = useContract(event)
  if (contract.error) return <Failure error={contract.error} retry={contract.refetch} />
  if (contract.data === undefined) return <Skeleton height={160} />
  const holds = contract.data?.versions.find(({ status }) => status === 'live') ?? contract.data?.versions[0]
  if (!holds || !contract.data) {
    return (
      <div className="row">
        <p className="dim">
          {t.trial.noContract} <code>{event}</code>.
        </p>
        <LinkButton size="compact-sm" variant="default" to="/contracts/$event" params={{ event }}>
          {t.trial.start}
        </LinkButton>
      </div>
    )
  }
  return <ContractOf key={contract.data.latest} event={event} version={contract.data.latest} sources={holds.sources} kept={holds.schema} error={error} onSchema={onSchema} />
}

function ContractOf({ event, version, sources, kept, error, onSchema }: { event: string; version: number; sources: string[]; kept: JSONSchema; error: string | undefined; onSchema: (schema: JSONSchema | undefined) => void }) {
  const before = useMemo(() => schemaText(kept), [kept])
  const [text, setText] = useState(before)
  const save = useSaveContract(event)
  const read = readSchema(text)
  const marks = read.wrong ? [{ from: read.wrong.at, says: read.wrong.says }] : error ? [{ from: 0, says: error }] : []
  return (
    <>
      <CodeArea
        label={t.trial.contractOf(event)}
        value={text}
        onChange={(text) => {
          setText(text)
          onSchema(readSchema(text).schema)
        }}
        marks={marks}
        maxHeight={300}
      />
      {text !== before && (
        <div className="row">
          <Button
            disabled={!read.schema}
            loading={save.isPending}
            onClick={() => read.schema && void save.mutateAsync({ version, schema: read.schema, sources }).then(() => done(t.trial.keptDraft), failed)}
          >
            {t.trial.keepDraft}
          </Button>
          <LinkButton variant="default" to="/contracts/$event" params={{ event }}>
            {t.trial.open}
          </LinkButton>
        </div>
      )}
    </>
  )
}
