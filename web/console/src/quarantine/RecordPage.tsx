import { useMay, useQuarantined, type QuarantinedWhole, type Tried } from '@aisle/api'
import { ago, CodeView, compact, CopyId, count, dateTime, Empty, plural, quarantineState, reasonWord, Status, useNow } from '@aisle/ui'
import { Button } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useMemo, useState } from 'react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { originalOf } from './original'
import { SendOne } from './SendOne'
import { TryIt } from './TryIt'
import './quarantine.css'

const route = getRouteApi('/shell/quarantine/record')

/** One record, whole: what was sent, why it could not be read, and what would come of it now. */
export default function RecordPage() {
  const { id } = route.useSearch()
  const asked = useQuarantined(id)
  const may = useMay('admin', 'marketer')
  const record = asked.data?.record
  if (id === '') return <Empty title="Which record?" action={<LinkButton to="/quarantine">Show the quarantine</LinkButton>}>The address names none.</Empty>
  return (
    <Page
      title={record ? reasonWord(record.reason) : 'Record'}
      beside={record && <Status state={quarantineState(record.state)} />}
      note={<CopyId value={id} label="record id" />}
      actions={
        record &&
        may && (
          <>
            <Button component="a" variant="default" href={`/api/quarantine/${encodeURIComponent(id)}/download`} download leftSection={<Download size={14} />}>
              Download
            </Button>
            <SendOne record={record} />
          </>
        )
      }
    >
      <Loaded of={asked} height={560}>
        {(whole) => <Whole key={id} whole={whole} />}
      </Loaded>
    </Page>
  )
}

function Whole({ whole }: { whole: QuarantinedWhole }) {
  const may = useMay('admin', 'marketer')
  const [tried, setTried] = useState<Tried>()
  const now = useNow(5_000)
  const { record, replays, masked, cut, item } = whole
  const original = useMemo(() => originalOf(whole, tried), [whole, tried])
  const headers = Object.entries(record.headers ?? {}).filter(([name]) => name !== 'item')
  return (
    <div className="two" data-wide="">
      <div className="stack" style={{ gap: 16 }}>
        <div className="wrong-with-it" role="note">
          <p>{record.detail}</p>
        </div>
        <section className="card block" aria-label="The original">
          <div className="between">
            <h2>What was sent</h2>
            <span className="dim small num">
              {item ? 'one of a batch, ' : ''}
              {compact(record.bytes)} bytes{original.kind === 'hex' ? ', not text: shown byte by byte' : original.kind === 'text' ? ', as text' : ''}
            </span>
          </div>
          {original.text === '' ? <p className="dim">The body was empty.</p> : <CodeView label="What was sent" value={original.text} marks={original.marks} />}
          {(masked || cut) && (
            <p className="dim small">
              {masked && 'E-mail addresses, phone numbers, names and the like are covered. '}
              {cut && 'It goes on: download it to see all of it.'}
            </p>
          )}
        </section>
        {may && <TryIt whole={whole} onTried={setTried} />}
      </div>
      <aside>
        <section className="card block" aria-label="About">
          <dl className="facts">
            <dt>Reason</dt>
            <dd>{reasonWord(record.reason)}</dd>
            <dt>From</dt>
            <dd>{record.source}</dd>
            <dt>Event</dt>
            <dd className="mono">{record.event ?? '–'}</dd>
            <dt>Came</dt>
            <dd className="num">{record.times > 1 ? plural(record.times, 'time') : 'once'}</dd>
            {record.first && record.times > 1 && (
              <>
                <dt>First</dt>
                <dd className="num">{dateTime(record.first)}</dd>
              </>
            )}
            <dt>{record.times > 1 ? 'Latest' : 'When'}</dt>
            <dd className="num" title={dateTime(record.received)}>
              {ago(record.received, now)}
            </dd>
          </dl>
          <span className="row" style={{ flexWrap: 'wrap' }}>
            <LinkButton size="compact-sm" variant="default" to="/quarantine" search={{ reason: record.reason, source: record.source }}>
              Others like it
            </LinkButton>
            <LinkButton size="compact-sm" variant="default" to="/sources/source" search={{ name: record.source }}>
              Its source
            </LinkButton>
          </span>
        </section>
        <section className="card block" aria-label="Headers">
          <h2>Headers</h2>
          {headers.length === 0 ? (
            <p className="dim small">{may ? 'None were kept.' : 'Headers are shown to marketers and admins.'}</p>
          ) : (
            <dl className="facts">
              {headers.map(([name, value]) => (
                <div key={name} style={{ display: 'contents' }}>
                  <dt className="mono">{name}</dt>
                  <dd className="mono">{value}</dd>
                </div>
              ))}
            </dl>
          )}
        </section>
        <section className="card block" aria-label="Sent again">
          <h2>Sent again</h2>
          {replays.length === 0 ? (
            <p className="dim small">Not yet.</p>
          ) : (
            <ol className="versions">
              {replays.map(({ id, by, at, state, accepted, bad, detail }) => (
                <li key={id}>
                  <span className="between">
                    <Status state={quarantineState(state)} />
                    <time className="dim small num" dateTime={at} title={dateTime(at)}>
                      {ago(at, now)}
                    </time>
                  </span>
                  <p className="small">
                    by {by}
                    {state === 'replayed' && accepted !== undefined && ` · ${plural(accepted, 'event')}`}
                    {bad ? ` · ${count(bad)} put aside again` : ''}
                  </p>
                  {detail && <p className="dim small">{detail}</p>}
                </li>
              ))}
            </ol>
          )}
        </section>
      </aside>
    </div>
  )
}
