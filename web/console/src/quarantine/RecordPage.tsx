import { useMay, useQuarantined, type QuarantinedWhole, type Tried } from '@aisle/api'
import { ago, CodeView, compact, CopyId, count, dateTime, Empty, quarantineState, reasonWord, Status, useNow, worded } from '@aisle/ui'
import { Button } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useMemo, useState } from 'react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { t as house } from '../words'
import { originalOf } from './original'
import { SendOne } from './SendOne'
import { TryIt } from './TryIt'
import { t } from './words'
import './quarantine.css'

const route = getRouteApi('/shell/quarantine/record')

/** One record, whole: what was sent, why it could not be read, and what would come of it now. */
export default function RecordPage() {
  const { id } = route.useSearch()
  const may = useMay('staff')
  if (id === '') return <Empty title={t.record.which} action={<LinkButton to="/quarantine">{t.record.toAll}</LinkButton>}>{t.record.whichMore}</Empty>
  if (may) return <Found id={id} />
  return (
    <Page title={t.record.title}>
      <div className="card">
        <Empty title={t.notYours.title}>{t.notYours.more}</Empty>
      </div>
    </Page>
  )
}

function Found({ id }: { id: string }) {
  const asked = useQuarantined(id)
  const may = useMay('admin', 'marketer')
  const record = asked.data?.record
  return (
    <Page
      title={record ? reasonWord(record.reason) : t.record.title}
      beside={record && <Status state={quarantineState(record.state)} />}
      note={<CopyId value={id} label={t.record.id} />}
      actions={
        record &&
        may && (
          <>
            <Button component="a" variant="default" href={`/api/quarantine/${encodeURIComponent(id)}/download`} download leftSection={<Download size={14} />}>
              {t.record.download}
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
          <p dir="auto">{worded(record.detail)}</p>
        </div>
        <section className="card block" aria-label={t.record.label}>
          <div className="between">
            <h2>{t.record.sent}</h2>
            <span className="dim small num">
              {item ? t.record.batch : ''}
              {t.record.bytes(compact(record.bytes))}
              {original.kind === 'hex' ? t.record.asBytes : original.kind === 'text' ? t.record.asText : ''}
            </span>
          </div>
          {original.text === '' ? <p className="dim">{t.record.empty}</p> : <CodeView label={t.record.sent} value={original.text} marks={original.marks} />}
          {(masked || cut) && (
            <p className="dim small">
              {masked && t.record.masked} {cut && t.record.cut}
            </p>
          )}
        </section>
        {may && <TryIt whole={whole} onTried={setTried} />}
      </div>
      <aside>
        <section className="card block" aria-label={t.record.about}>
          <dl className="facts">
            <dt>{t.list.reason}</dt>
            <dd>{reasonWord(record.reason)}</dd>
            <dt>{t.list.from}</dt>
            <dd>{record.source}</dd>
            <dt>{t.list.event}</dt>
            <dd className="mono">{record.event ?? '–'}</dd>
            <dt>{t.record.came}</dt>
            <dd className="num">{t.record.times(record.times)}</dd>
            {record.first && record.times > 1 && (
              <>
                <dt>{t.record.first}</dt>
                <dd className="num">{dateTime(record.first)}</dd>
              </>
            )}
            <dt>{record.times > 1 ? t.record.latest : t.record.when}</dt>
            <dd className="num" title={dateTime(record.received)}>
              {ago(record.received, now)}
            </dd>
          </dl>
          <span className="row" style={{ flexWrap: 'wrap' }}>
            <LinkButton size="compact-sm" variant="default" to="/quarantine" search={{ reason: record.reason, source: record.source }}>
              {t.record.others}
            </LinkButton>
            <LinkButton size="compact-sm" variant="default" to="/sources/source" search={{ name: record.source }}>
              {t.record.itsSource}
            </LinkButton>
          </span>
        </section>
        <section className="card block" aria-label={t.record.headers}>
          <h2>{t.record.headers}</h2>
          {headers.length === 0 ? (
            <p className="dim small">{may ? t.record.noHeaders : t.record.hiddenHeaders}</p>
          ) : (
            <dl className="facts">
              {headers.map(([name, value]) => (
                <div key={name} style={{ display: 'contents' }}>
                  <dt className="mono">{name}</dt>
                  <dd className="mono">
                    <bdi dir="ltr">{value}</bdi>
                  </dd>
                </div>
              ))}
            </dl>
          )}
        </section>
        <section className="card block" aria-label={t.record.again}>
          <h2>{t.record.again}</h2>
          {replays.length === 0 ? (
            <p className="dim small">{t.record.notYet}</p>
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
                    {house.history.by(by)}
                    {state === 'replayed' && accepted !== undefined && ` · ${t.record.events(accepted)}`}
                    {bad ? ` · ${t.record.asideAgain(count(bad))}` : ''}
                  </p>
                  {detail && (
                    <p className="dim small" dir="auto">
                      {worded(detail)}
                    </p>
                  )}
                </li>
              ))}
            </ol>
          )}
        </section>
      </aside>
    </div>
  )
}
