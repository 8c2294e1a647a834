import { useMay, useTimeline, type Happening } from '@aisle/api'
import { clock, dateTime, day, Empty, Failure, Skeleton, Status } from '@aisle/ui'
import { Button, SegmentedControl } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { byDay, kindOf, kinds, lineOf, type Kind } from './happening'
import { t } from './words'
import './people.css'

const choices = kinds.map((value) => ({ value, label: t.timeline.kinds[value] }))

/** What happened to a shopper, newest first, as far back as the log goes. */
export function Timeline({ shopper }: { shopper: string }) {
  const [kind, setKind] = useState<Kind>('all')
  const past = useTimeline(shopper)
  const all = past.data?.pages.flatMap(({ happenings }) => happenings) ?? []
  const shown = kind === 'all' ? all : all.filter((happening) => kindOf(happening) === kind)
  return (
    <section className="card" aria-label={t.timeline.title}>
      <div className="list-head">
        <h2>{t.timeline.title}</h2>
        <SegmentedControl size="xs" aria-label={t.timeline.shown} data={choices} value={kind} onChange={(value) => setKind(value as Kind)} />
      </div>
      {past.data === undefined ? (
        past.error ? <Failure error={past.error} retry={past.refetch} /> : <Skeleton height={220} style={{ borderRadius: 0 }} />
      ) : (
        <>
          {shown.length === 0 ? (
            <Empty title={past.hasNextPage ? t.timeline.noneYet : t.timeline.none}>{past.hasNextPage ? t.timeline.noneYetMore : t.timeline.nothing[kind]}</Empty>
          ) : (
            <Days happenings={shown} />
          )}
          <Further of={past} shopper={shopper} />
        </>
      )}
    </section>
  )
}

function Days({ happenings }: { happenings: Happening[] }) {
  const today = day(new Date().toISOString())
  return byDay(happenings, day).map(({ day, happenings }) => (
    <section key={day} className="timeline-day" aria-label={day === today ? t.timeline.today : day}>
      <h3>{day === today ? t.timeline.today : day}</h3>
      <ol className="timeline">
        {happenings.map((happening) => (
          <One key={keyOf(happening)} happening={happening} />
        ))}
      </ol>
    </section>
  ))
}

const keyOf = ({ at, event, decision, message }: Happening) => `${at} ${event?.id ?? decision?.id ?? `${message?.id} ${message?.state}`}`

function One({ happening }: { happening: Happening }) {
  const { title, more, tone, state, decision } = lineOf(happening, dateTime)
  return (
    <li data-tone={tone}>
      <time dateTime={happening.at} title={dateTime(happening.at)} className="num">
        {clock(happening.at)}
      </time>
      <i aria-hidden="true" />
      <span style={{ overflowWrap: 'anywhere' }}>
        {happening.decision ? (
          <Link to="/decisions/$decision" params={{ decision: happening.decision.id }} className="strong">
            <bdi>{title}</bdi>
          </Link>
        ) : (
          <span className="strong">{title}</span>
        )}
        <br />
        <span className="dim small">
          {more.join(' · ')}
          {decision && !happening.decision && (
            <>
              {more.length > 0 && ' · '}
              <Link to="/decisions/$decision" params={{ decision }}>
                {t.timeline.why}
              </Link>
            </>
          )}
        </span>
      </span>
      {state ? <Status state={state} /> : <span />}
    </li>
  )
}

/** The way back in time, and to now again. */
function Further({ of: past, shopper }: { of: ReturnType<typeof useTimeline>; shopper: string }) {
  const client = useQueryClient()
  const all = useMay('marketer')
  const until = past.data?.pages.at(-1)?.until
  const older = (past.data?.pages.length ?? 0) > 1
  return (
    <div className="list-foot between">
      <span role="status">{past.hasNextPage ? (until ? t.timeline.lookedBack(dateTime(until)) : '') : all ? t.timeline.end : t.timeline.endForYou}</span>
      <span className="row">
        {past.isFetchNextPageError && <span className="error">{t.timeline.unread}</span>}
        {older && (
          <Button size="xs" variant="subtle" onClick={() => void client.resetQueries({ queryKey: ['people', shopper, 'timeline'] })}>
            {t.timeline.toNow}
          </Button>
        )}
        {past.hasNextPage && (
          <Button size="xs" variant="default" loading={past.isFetchingNextPage} onClick={() => void past.fetchNextPage()}>
            {t.timeline.further}
          </Button>
        )}
      </span>
    </div>
  )
}
