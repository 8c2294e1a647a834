import { useDeleteFeed, useFeed, useMay, useSources, type Feed, type FeedWhole } from '@aisle/api'
import { ago, Changes, changesBetween, CopyId, dateTime, useNow } from '@aisle/ui'
import { Button, CopyButton, Select, Tabs } from '@mantine/core'
import { modals } from '@mantine/modals'
import { getRouteApi, useNavigate } from '@tanstack/react-router'
import { Check, ChevronRight, Copy } from 'lucide-react'
import { useState } from 'react'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { t as house } from '../words'
import { FeedEditor } from './FeedEditor'
import { ingestCommand } from './plan'
import { SampleInput, type Sample } from './SampleInput'
import { t } from './words'
import '../sources/sources.css'

const route = getRouteApi('/shell/feeds/$feed')

/** One way to read files: the command that does it, its fields, and how they were before. */
export default function FeedPage() {
  const { feed } = route.useParams()
  const asked = useFeed(feed)
  return (
    <Page title={feed} note={<CopyId value={`feed:${feed}`} label={t.page.format} />} actions={asked.data && <Remove feed={feed} />}>
      <Loaded of={asked} height={560}>
        {(whole) => <Whole key={feed} whole={whole} reload={asked.refetch} />}
      </Loaded>
    </Page>
  )
}

function Whole({ whole: { feed, history }, reload }: { whole: FeedWhole; reload: () => unknown }) {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const may = useMay('admin', 'marketer')
  const [sample, setSample] = useState<Sample>()
  return (
    <Tabs value={tab ?? 'read'} onChange={(value) => void navigate({ search: { tab: value === 'history' ? 'history' : undefined }, replace: true })} keepMounted={false}>
      <Tabs.List mb={16}>
        <Tabs.Tab value="read">{t.page.read}</Tabs.Tab>
        <Tabs.Tab value="history">{house.history.title}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="read">
        <div className="stack" style={{ gap: 16 }}>
          <Command feed={feed.name} may={may} />
          {may && !sample && (
            <details className="fold">
              <summary>
                <ChevronRight size={13} aria-hidden />
                {t.page.trySample}
              </summary>
              <SampleInput onSample={setSample} busy={false} />
            </details>
          )}
          <FeedEditor key={`${feed.version} ${sample ? 'sample' : ''}`} plan={feed.plan} feed={{ name: feed.name, version: feed.version }} {...(sample && { sample })} may={may} onSaved={() => undefined} reload={reload} />
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <History history={history} />
      </Tabs.Panel>
    </Tabs>
  )
}

/** What to type where the files lie. */
function Command({ feed, may }: { feed: string; may: boolean }) {
  const sources = useSources()
  const [chosen, setChosen] = useState<string | null>(null)
  const keys = may ? (sources.data ?? []).filter(({ kind }) => kind !== 'till') : []
  const key = keys.find((source) => source.key === chosen) ?? keys[0]
  const text = ingestCommand(feed, location.origin, key?.key)
  return (
    <section className="card block" aria-label={t.page.command}>
      <div className="between" style={{ flexWrap: 'wrap' }}>
        <h2>{t.page.type}</h2>
        <span className="row">
          {keys.length > 0 && <Select aria-label={t.page.asSource} w={180} data={keys.map((source) => ({ value: source.key, label: t.page.as(source.name) }))} value={key?.key ?? null} onChange={setChosen} />}
          <CopyButton value={text} timeout={1_500}>
            {({ copied, copy }) => (
              <Button variant="default" leftSection={copied ? <Check size={13} /> : <Copy size={13} />} onClick={copy}>
                {copied ? t.page.copied : t.page.copy}
              </Button>
            )}
          </CopyButton>
        </span>
      </div>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className="json" data-wrap tabIndex={0} dir="ltr" aria-label={t.page.commandSaid}>
        {text}
      </pre>
      <p className="dim small">
        {t.page.again} <code dir="ltr">-follow</code> {t.page.follow} <code dir="ltr">-dry-run</code> {t.page.dryRun}
      </p>
    </section>
  )
}

function History({ history }: { history: Feed[] }) {
  const now = useNow(30_000)
  return (
    <section className="card block" aria-label={t.page.versions}>
      <ol className="versions">
        {history.map((version, i) => {
          const before = history[i + 1]
          const changes = changesBetween(before?.plan, version.plan)
          return (
            <li key={version.version}>
              <div className="between">
                <p>
                  <span className="strong">{house.history.version(version.version)}</span> <span className="dim">{version.by && house.history.by(version.by)}</span>
                </p>
                {version.at && (
                  <time className="dim small num" dateTime={version.at} title={dateTime(version.at)}>
                    {ago(version.at, now)}
                  </time>
                )}
              </div>
              {version.note && (
                <p className="small" dir="auto">
                  {version.note}
                </p>
              )}
              {changes.length > 0 ? <Changes changes={changes} /> : <p className="dim small">{before ? house.history.same : house.history.first}</p>}
            </li>
          )
        })}
      </ol>
    </section>
  )
}

function Remove({ feed }: { feed: string }) {
  const may = useMay('admin', 'marketer')
  const remove = useDeleteFeed()
  const navigate = useNavigate()
  if (!may) return null
  return (
    <Button
      variant="default"
      loading={remove.isPending}
      onClick={() =>
        modals.openConfirmModal({
          title: t.page.ask(feed),
          children: <p className="dim">{t.page.askMore}</p>,
          labels: { confirm: t.page.yes, cancel: house.cancel },
          confirmProps: { color: 'red' },
          onConfirm: () =>
            remove.mutate(feed, {
              onSuccess: () => {
                done(t.page.removed(feed))
                void navigate({ to: '/feeds' })
              },
              onError: failed,
            }),
        })
      }
    >
      {house.remove}
    </Button>
  )
}
