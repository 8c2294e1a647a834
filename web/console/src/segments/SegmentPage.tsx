import { Problem, useDeleteSegment, useMay, useSaveSegment, useSegment, useSegmentHistory, type Segment, type SegmentWithUses } from '@aisle/api'
import { ago, campaignState, CopyId, RawJson, Status, useNow } from '@aisle/ui'
import { Button, Tabs } from '@mantine/core'
import { modals } from '@mantine/modals'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Trash2 } from 'lucide-react'
import { Loaded, Page } from '../Page'
import { segmentTabs } from '../router'
import { done, failed } from '../say'
import { VersionHistory } from '../VersionHistory'
import { SegmentForm } from './SegmentForm'

const route = getRouteApi('/shell/segments/$segment')
const tabNames = { edit: 'Segment', history: 'History' }

export default function SegmentPage() {
  const { segment: id } = route.useParams()
  const { tab = 'edit' } = route.useSearch()
  const navigate = route.useNavigate()
  const asked = useSegment(id)
  const may = useMay('marketer', 'approver', 'admin')
  return (
    <Page title={asked.data?.segment.name ?? 'Segment'} note={<CopyId value={id} label="segment id" />} actions={may && asked.data && <Remove of={asked.data} />}>
      <Loaded of={asked} height={480}>
        {(data) => (
          <Tabs value={tab} onChange={(value) => void navigate({ search: { tab: segmentTabs.find((name) => name === value) }, replace: true })} keepMounted={false}>
            <Tabs.List mb={16}>
              {segmentTabs.map((name) => (
                <Tabs.Tab key={name} value={name}>
                  {tabNames[name]}
                </Tabs.Tab>
              ))}
            </Tabs.List>
            <Tabs.Panel value="edit">
              <Edit data={data} may={may} reload={asked.refetch} />
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
  const navigate = useNavigate()
  const ask = () =>
    modals.openConfirmModal({
      title: 'Remove this segment?',
      children: <p className="dim">No campaign is for it. Its history stays.</p>,
      labels: { confirm: 'Remove it', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        remove.mutate(segment.id, {
          onSuccess: () => {
            done(`“${segment.name}” is removed.`)
            void navigate({ to: '/segments' })
          },
          onError: failed,
        }),
    })
  return (
    <Button variant="default" leftSection={<Trash2 size={13} />} loading={remove.isPending} disabled={used.length > 0} title={used.length > 0 ? 'Campaigns are for it' : undefined} onClick={ask}>
      Remove
    </Button>
  )
}

function Edit({ data: { segment, used }, may, reload }: { data: SegmentWithUses; may: boolean; reload: () => unknown }) {
  const save = useSaveSegment()
  const now = useNow(30_000)
  const live = used.filter(({ status }) => status === 'live')
  return (
    <SegmentForm
      key={segment.version}
      segment={segment}
      readOnly={!may}
      saveLabel={live.length > 0 ? 'Keep, and change live campaigns' : 'Keep changes'}
      onSave={async ({ tree, ...says }) => {
        const { tree: _tree, ...kept } = segment
        await save.mutateAsync({ ...kept, ...says, rule: says.rule ?? '', ...(tree && { tree }) })
        done(`“${says.name}” is kept${used.length > 0 ? ', and its campaigns with it' : ''}.`)
      }}
      aside={
        <>
          {save.error && (
            <div className="problem" role="alert">
              <p>{save.error.message}</p>
              {save.error instanceof Problem && save.error.status === 409 && (
                <Button variant="default" onClick={() => void reload()}>
                  Load the newest
                </Button>
              )}
            </div>
          )}
          <section className="card block" aria-label="About">
            <dl className="facts">
              <dt>Used by</dt>
              <dd>
                {used.length === 0 && <span className="dim">No campaign yet</span>}
                {used.map(({ id, name, status }) => (
                  <p key={id} className="row">
                    <Link to="/campaigns/$campaign" params={{ campaign: id }}>
                      {name}
                    </Link>
                    <Status state={campaignState[status]} />
                  </p>
                ))}
              </dd>
              <dt>Version</dt>
              <dd className="num">{segment.version}</dd>
              <dt>Changed</dt>
              <dd>{segment.updated ? ago(segment.updated, now) : '–'}</dd>
            </dl>
            <RawJson value={segment} label="Segment as JSON" />
          </section>
        </>
      }
    />
  )
}

function History({ segment, may }: { segment: Segment; may: boolean }) {
  const save = useSaveSegment()
  const takeBack = (older: Segment) => save.mutate({ ...older, version: segment.version }, { onSuccess: () => done(`“${older.name}” is again as it was in version ${older.version}.`), onError: failed })
  return (
    <Loaded of={useSegmentHistory(segment.id)}>
      {(versions) => <VersionHistory versions={versions.map(({ segment: document, at, by }) => ({ document, at, by }))} takeBack={may ? takeBack : undefined} />}
    </Loaded>
  )
}
