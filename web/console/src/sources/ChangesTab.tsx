import { useDrift, useJudgeDrift, useMay, type DriftNotice } from '@aisle/api'
import { ago, count, dateTime, driftState, driftWord, Empty, Status, useNow, worded } from '@aisle/ui'
import { Button, SegmentedControl } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Check, X } from 'lucide-react'
import { Loaded } from '../Page'
import { done, failed } from '../say'
import { t } from './words'

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
          <section className="card" aria-label={t.changes.title}>
            <div className="list-head">
              <SegmentedControl
                aria-label={t.changes.which}
                value={judged ? 'judged' : 'open'}
                onChange={(value) => void navigate({ search: (before) => ({ ...before, judged: value === 'judged' || undefined }), replace: true })}
                data={[
                  { value: 'open', label: t.changes.open(open.length) },
                  { value: 'judged', label: t.changes.judged(mine.length - open.length) },
                ]}
              />
              {event && (
                <Button size="compact-sm" variant="default" rightSection={<X size={12} />} onClick={() => void navigate({ search: (before) => ({ ...before, event: undefined }), replace: true })}>
                  {t.changes.only(event)}
                </Button>
              )}
            </div>
            {shown.length === 0 ? (
              <Empty title={judged ? t.changes.noneJudged : t.changes.none}>
                {judged ? t.changes.noneJudgedMore : t.changes.noneMore}
              </Empty>
            ) : (
              <ul className="notices">
                {shown.map((notice) => (
                  <Notice key={notice.id} notice={notice} />
                ))}
              </ul>
            )}
            <p className="list-foot">{t.changes.foot}</p>
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
    void judge.mutateAsync({ notice: id, right }).then(() => done(right ? t.changes.nowRight(name) : t.changes.nowWrong(name)), failed)
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
          <bdi className="dim">{was ? worded(was) : (kind === 'unassigned' ? t.changes.unassigned : t.changes.wasNot)}</bdi>
          {is && (
            <>
              {` ${t.changes.to} `}
              <bdi className="strong">{worded(is)}</bdi>
            </>
          )}
        </p>
        <p className="dim small num">
          <span title={dateTime(since)}>{t.changes.since(ago(since, now))}</span>
          {t.changes.latest(events)} <span title={dateTime(last)}>{ago(last, now)}</span>
          {state !== 'open' && at && (
            <>
              {' · '}
              {t.changes.judgedBy(by, ago(at, now))}
            </>
          )}
        </p>
      </div>
      {state === 'open' ? (
        may && (
          <span className="row">
            <Button variant="default" leftSection={<X size={13} />} disabled={judge.isPending} onClick={() => say(false)} aria-label={t.changes.wrongSaid(name, count(events))}>
              {t.changes.wrong}
            </Button>
            <Button variant="default" leftSection={<Check size={13} />} loading={judge.isPending} onClick={() => say(true)} aria-label={t.changes.rightSaid(name, count(events))}>
              {t.changes.right}
            </Button>
          </span>
        )
      ) : (
        <Status state={driftState(state)} />
      )}
    </li>
  )
}
