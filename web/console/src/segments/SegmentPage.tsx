import { useCreateSegment, useDeleteSegment, useMay, useSaveSegment, useSegment, useSegmentHistory, type Segment, type SegmentWithUses } from '@aisle/api'
import { ago, campaignState, CopyId, RawJson, Status, useNow } from '@aisle/ui'
import { Button, Tabs } from '@mantine/core'
import { modals } from '@mantine/modals'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { Newer, useEdited } from '../edited'
import { Loaded, Page } from '../Page'
import { segmentTabs } from '../router'
import { done, failed, removed } from '../say'
import { VersionHistory } from '../VersionHistory'
import { SegmentForm } from './SegmentForm'
import { t } from './words'

const route = getRouteApi('/shell/segments/$segment')

export default function SegmentPage() {
  const { segment: id } = route.useParams()
  const { tab = 'edit' } = route.useSearch()
  const navigate = route.useNavigate()
  const asked = useSegment(id)
  const may = useMay('marketer', 'approver', 'admin')
  return (
    <Page title={asked.data?.segment.name ?? t.segment} note={<CopyId value={id} label={t.page.id} />} actions={may && asked.data && <Remove of={asked.data} />}>
      <Loaded of={asked} height={480}>
        {(data) => (
          <Tabs value={tab} onChange={(value) => void navigate({ search: { tab: segmentTabs.find((name) => name === value) }, replace: true })} keepMounted={false}>
            <Tabs.List mb={16}>
              {segmentTabs.map((name) => (
                <Tabs.Tab key={name} value={name}>
                  {t.page[name]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="edit">
              <Edit data={data} may={may} />
            </Tabs.Panel>
            <Tabs.Panel value="history">
              <History segment={data.segment} may={may} />
            </Tabs.Panel>
          </Tabs>
        )}
      </Loaded>
    </Page>
  )
}

function Remove({ of: { segment, used } }: { of: SegmentWithUses }) {
  const remove = useDeleteSegment()
  const restore = useCreateSegment()
  const navigate = useNavigate()
  const ask = () =>
    modals.openConfirmModal({
      title: t.remove.title,
      children: <p className="dim">{t.remove.says}</p>,
      labels: { confirm: t.remove.yes, cancel: t.remove.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => {
        removed(remove.mutateAsync(segment.id), t.remove.done(segment.name), () => restore.mutateAsync(segment), segment.name)
        void navigate({ to: '/segments', ignoreBlocker: true })
      },
    })
  return (
    <Button variant="default" leftSection={<Trash2 size={13} />} disabled={used.length > 0} title={used.length > 0 ? t.remove.used : undefined} onClick={ask}>
      {t.remove.button}
    </Button>
  )
}

function Edit({ data: { segment, used }, may }: { data: SegmentWithUses; may: boolean }) {
  const save = useSaveSegment()
  const { key, edited, onDirty, newer } = useEdited(segment, save.reset)
  const now = useNow(30_000)
  const live = used.filter(({ status }) => status === 'live')
  return (
    <SegmentForm
      key={key}
      segment={edited}
      readOnly={!may}
      saveLabel={live.length > 0 ? t.page.saveLive : t.page.save}
      onSave={async ({ tree, ...says }) => {
        const { tree: _tree, ...kept } = edited
        await save.mutateAsync({ ...kept, ...says, rule: says.rule ?? '', ...(tree && { tree }) })
        done(used.length > 0 ? t.page.savedWith(says.name) : t.page.saved(says.name))
      }}
      onDirty={onDirty}
      error={newer ? undefined : save.error}
      aside={
        <>
          {newer && <Newer {...newer} />}
          <section className="card block" aria-label={t.page.about}>
            <dl className="facts">
              <dt>{t.usedBy}</dt>
              <dd>
                {used.length === 0 && <span className="dim">{t.page.unused}</span>}
                {used.map(({ id, name, status }) => (
                  <p key={id} className="row">
                    <Link to="/campaigns/$campaign" params={{ campaign: id }}>
                      {name}
                    </Link>
                    <Status state={campaignState(status)} />
                  </p>
                ))}
              </dd>
              <dt>{t.page.version}</dt>
              <dd className="num">{segment.version}</dd>
              <dt>{t.changed}</dt>
              <dd>{segment.updated ? ago(segment.updated, now) : '–'}</dd>
            </dl>
            <RawJson value={segment} label={t.page.json} />
          </section>
        </>
      }
    />
  )
}

function History({ segment, may }: { segment: Segment; may: boolean }) {
  const save = useSaveSegment()
  const takeBack = (older: Segment) => void save.mutateAsync({ ...older, version: segment.version }).then(() => done(t.page.tookBack(older.name, older.version)), failed)
  return (
    <Loaded of={useSegmentHistory(segment.id)}>
      {(versions) => <VersionHistory versions={versions.map(({ segment: document, at, by }) => ({ document, at, by }))} takeBack={may ? takeBack : undefined} />}
    </Loaded>
  )
}
