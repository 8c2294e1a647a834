import { useDrift, useJudgeDrift, useMay, type DriftNotice } from '@aisle/api'
import { ago, count, dateTime, driftState, driftWord, Empty, plural, Status, useNow } from '@aisle/ui'
import { Button, SegmentedControl } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Check, X } from 'lucide-react'
import { Loaded } from '../Page'
import { done, failed } from '../say'

const route = getRouteApi('/shell/sources/source')

/** Where what a source sends is no longer what it was, for somebody to judge. */
export function ChangesTab({ source }: { source: string }) {
  const { judged, event } = route.useSearch()
  const navigate = route.useNavigate()
  const drift = useDrift({ source })
  return (
    <Loaded of={drift} height={320}>
      {({ notices }) => {
        const mine = notices.filter((notice) => !event || notice.event === event)
        const open = mine.filter(({ state }) => state === 'open')
        const shown = judged ? mine.filter(({ state }) => state !== 'open') : open
        return (
          <section className="card" aria-label="Changes">
            <div className="list-head">
              <SegmentedControl
                aria-label="Which changes"
                value={judged ? 'judged' : 'open'}
                onChange={(value) => void navigate({ search: (before) => ({ ...before, judged: value === 'judged' || undefined }), replace: true })}
                data={[
                  { value: 'open', label: `To judge ${open.length}` },
                  { value: 'judged', label: `Judged ${mine.length - open.length}` },
                ]}
              />
              {event && (
                <Button size="compact-sm" variant="default" rightSection={<X size={12} />} onClick={() => void navigate({ search: (before) => ({ ...before, event: undefined }), replace: true })}>
                  Only {event}
                </Button>
              )}
            </div>
            {shown.length === 0 ? (
              <Empty title={judged ? 'None judged yet' : 'Nothing to judge'}>
                {judged
                  ? 'What somebody found right, or a mistake of the source, is kept here.'
                  : 'A field that is new, that no longer comes, or that is of another type than it was, is told here. Nothing of it is lost meanwhile.'}
              </Empty>
            ) : (
              <ul className="notices">
                {shown.map((notice) => (
                  <Notice key={notice.id} notice={notice} />
                ))}
              </ul>
            )}
            <p className="list-foot">
              “Right so” makes it what is expected from now on. “A mistake” keeps what was expected, and does not tell it again.
            </p>
          </section>
        )
      }}
    </Loaded>
  )
}

function Notice({ notice }: { notice: DriftNotice }) {
  const may = useMay('admin', 'marketer')
  const judge = useJudgeDrift()
  const now = useNow(30_000)
  const { id, source, event, field, kind, was, now: is, since, last, count: events, state, by, at } = notice
  const name = field ? `${event} · ${field}` : event
  // What is judged leaves the list, so the answer is waited for here.
  const say = (right: boolean) =>
    void judge.mutateAsync({ notice: id, right }).then(() => done(right ? `${name} is right so from now on.` : `${name} is noted as a mistake of the source.`), failed)
  return (
    <li>
      <div className="notice-what">
        <p>
          <Status state={{ word: driftWord(kind), tone: kind === 'missing_field' || kind === 'retyped_field' ? 'bad' : 'info' }} />{' '}
          <Link className="mono strong" to="/sources/source" search={{ name: source, event }}>
            {event}
          </Link>
          {field && <code className="strong"> {field}</code>}
        </p>
        <p>
          {was ? <span className="dim">{was}</span> : <span className="dim">{kind === 'unassigned' ? 'kept under “unassigned”' : 'was not there'}</span>}
          {is && (
            <>
              {' → '}
              <span className="strong">{is}</span>
            </>
          )}
        </p>
        <p className="dim small num">
          <span title={dateTime(since)}>since {ago(since, now)}</span>, in {plural(events, 'event')}, the latest <span title={dateTime(last)}>{ago(last, now)}</span>
          {state !== 'open' && at && (
            <>
              {' · '}judged{by ? ` by ${by}` : ''} {ago(at, now)}
            </>
          )}
        </p>
      </div>
      {state === 'open' ? (
        may && (
          <span className="row">
            <Button variant="default" leftSection={<X size={13} />} disabled={judge.isPending} onClick={() => say(false)} aria-label={`A mistake: ${name}, in ${count(events)} events`}>
              A mistake
            </Button>
            <Button variant="default" leftSection={<Check size={13} />} loading={judge.isPending} onClick={() => say(true)} aria-label={`Right so: ${name}, in ${count(events)} events`}>
              Right so
            </Button>
          </span>
        )
      ) : (
        <Status state={driftState(state)} />
      )}
    </li>
  )
}
