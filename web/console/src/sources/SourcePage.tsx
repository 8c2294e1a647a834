import { useDrift, useMay, useShapes, useSources } from '@aisle/api'
import { CopyId, Empty, plural, Status } from '@aisle/ui'
import { Tabs } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Freshness } from '../Freshness'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { sourceTabs } from '../router'
import { keyName } from './arriving'
import { ChangesTab } from './ChangesTab'
import { HowToSend } from './HowToSend'
import { MappingTab } from './MappingTab'
import { ShapeTab } from './ShapeTab'
import './sources.css'

const route = getRouteApi('/shell/sources/source')
const tabNames = { shape: 'What it sends', changes: 'Changes', mapping: 'Mapping', send: 'How to send' }

/** One source: what it sends, what has changed in it, and how it is mended. */
export default function SourcePage() {
  const { name, tab = 'shape' } = route.useSearch()
  const navigate = route.useNavigate()
  const drift = useDrift({ source: name, state: 'open' })
  const open = drift.data?.notices.length ?? 0
  const shapes = useShapes()
  if (name === '') return <Empty title="Which source?" action={<LinkButton to="/sources">Show all sources</LinkButton>}>The address names none.</Empty>
  return (
    <Page
      title={name}
      beside={open > 0 && <Status state={{ word: `${plural(open, 'change')} to judge`, tone: 'warn' }} />}
      note={<CopyId value={name} label="source" />}
      actions={
        <>
          <Freshness of={shapes} />
          <LinkButton variant="default" to="/quarantine" search={{ source: name }}>
            What could not be read of it
          </LinkButton>
        </>
      }
    >
      <Tabs value={tab} onChange={(value) => void navigate({ search: (before) => ({ ...before, tab: sourceTabs.find((known) => known === value) }), replace: true })} keepMounted={false}>
        <Tabs.List mb={16}>
          {sourceTabs.map((value) => (
            <Tabs.Tab key={value} value={value} rightSection={value === 'changes' && open > 0 ? <span className="nav-open num">{open}</span> : undefined}>
              {tabNames[value]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="shape">
          <ShapeTab source={name} />
        </Tabs.Panel>
        <Tabs.Panel value="changes">
          <ChangesTab source={name} />
        </Tabs.Panel>
        <Tabs.Panel value="mapping">
          <MappingTab source={name} />
        </Tabs.Panel>
        <Tabs.Panel value="send">
          <Send source={name} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  )
}

function Send({ source }: { source: string }) {
  const may = useMay('admin', 'marketer')
  const sources = useSources()
  if (!may) return <p className="dim">Write keys are shown to marketers and admins.</p>
  return (
    <Loaded of={sources} height={180}>
      {(sources) => {
        const key = sources.find(({ name }) => name === keyName(source))
        if (!key) {
          return (
            <div className="card">
              <Empty title="It has no write key" action={<LinkButton variant="default" to="/sources">Show the write keys</LinkButton>}>
                What this source sent came by another door, such as the stream itself, or its key was withdrawn.
              </Empty>
            </div>
          )
        }
        return (
          <section className="card block" aria-label="How to send">
            <p className="row">
              <span className="dim">Write key</span> <CopyId value={key.key} label="write key" />
            </p>
            <HowToSend source={key} />
          </section>
        )
      }}
    </Loaded>
  )
}
