import { useDrift, useMay, useShapes, useSources } from '@aisle/api'
import { CopyId, Empty, Status } from '@aisle/ui'
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
import { t } from './words'
import './sources.css'

const route = getRouteApi('/shell/sources/source')

/** One source: what it sends, what has changed in it, and how it is mended. */
export default function SourcePage() {
  const { name, tab = 'shape' } = route.useSearch()
  const navigate = route.useNavigate()
  const drift = useDrift({ source: name, state: 'open' })
  const open = drift.data?.notices.length ?? 0
  const shapes = useShapes()
  if (name === '') return <Empty title={t.page.which} action={<LinkButton to="/sources">{t.page.all}</LinkButton>}>{t.page.whichMore}</Empty>
  return (
    <Page
      title={name}
      beside={open > 0 && <Status state={{ word: t.toJudge(open), tone: 'warn' }} />}
      note={<CopyId value={name} label={t.page.source} />}
      actions={
        <>
          <Freshness of={shapes} />
          <LinkButton variant="default" to="/quarantine" search={{ source: name }}>
            {t.page.unread}
          </LinkButton>
        </>
      }
    >
      <Tabs value={tab} onChange={(value) => void navigate({ search: (before) => ({ ...before, tab: sourceTabs.find((known) => known === value) }), replace: true })} keepMounted={false}>
        <Tabs.List mb={16}>
          {sourceTabs.map((value) => (
            <Tabs.Tab key={value} value={value} rightSection={value === 'changes' && open > 0 ? <span className="nav-open num">{open}</span> : undefined}>
              {t.page.tabs[value]}
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
  if (!may) return <p className="dim">{t.page.hidden}</p>
  return (
    <Loaded of={sources} height={180}>
      {(sources) => {
        const key = sources.find(({ name }) => name === keyName(source))
        if (!key) {
          return (
            <div className="card">
              <Empty title={t.page.keyless} action={<LinkButton variant="default" to="/sources">{t.page.keys}</LinkButton>}>
                {t.page.keylessMore}
              </Empty>
            </div>
          )
        }
        return (
          <section className="card block" aria-label={t.page.send}>
            <p className="row">
              <span className="dim">{t.page.key}</span> <CopyId value={key.key} label={t.writeKey} />
            </p>
            <HowToSend source={key} />
          </section>
        )
      }}
    </Loaded>
  )
}
