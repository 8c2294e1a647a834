import { useContract, useContractProposal, useMay, useRetireContract, type ContractWhole } from '@aisle/api'
import { CopyId, Empty, Status } from '@aisle/ui'
import { Button, Tabs } from '@mantine/core'
import { modals } from '@mantine/modals'
import { getRouteApi } from '@tanstack/react-router'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { t as house } from '../words'
import { ContractForm } from './ContractForm'
import { ContractHistory } from './ContractHistory'
import { emptySchema, newest } from './schema'
import { t } from './words'
import '../sources/sources.css'

const route = getRouteApi('/shell/contracts/$event')

/** The contract of one event: what holds, what is being written, and how it was. */
export default function ContractPage() {
  const { event } = route.useParams()
  const asked = useContract(event)
  const whole = asked.data
  return (
    <Page
      title={event}
      beside={whole && <Status state={whole.live ? { word: t.holds(whole.live), tone: 'good' } : { word: t.page.unchecked, tone: 'none' }} />}
      note={<CopyId value={event} label={t.page.event} />}
      actions={
        whole && (
          <>
            <LinkButton variant="default" to="/quarantine" search={{ reason: 'schema', text: event }}>
              {t.page.refused}
            </LinkButton>
            <Retire whole={whole} />
          </>
        )
      }
    >
      <Loaded of={asked} height={560}>
        {(whole) => (whole ? <Contract key={event} whole={whole} reload={asked.refetch} /> : <NewContract event={event} />)}
      </Loaded>
    </Page>
  )
}

function Contract({ whole, reload }: { whole: ContractWhole; reload: () => unknown }) {
  const { tab } = route.useSearch()
  const navigate = route.useNavigate()
  const { schema, sources } = newest(whole) ?? { schema: emptySchema, sources: [] }
  return (
    <Tabs value={tab ?? 'edit'} onChange={(value) => void navigate({ search: { tab: value === 'history' ? 'history' : undefined }, replace: true })} keepMounted={false}>
      <Tabs.List mb={16}>
        <Tabs.Tab value="edit">{t.page.edit}</Tabs.Tab>
        <Tabs.Tab value="history">{house.history.title}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="edit">
        <ContractForm key={whole.latest} event={whole.event} whole={whole} schema={schema} sources={sources} reload={reload} />
      </Tabs.Panel>
      <Tabs.Panel value="history">
        <ContractHistory whole={whole} />
      </Tabs.Panel>
    </Tabs>
  )
}

/** A contract that nobody wrote yet begins with what came so far. */
function NewContract({ event }: { event: string }) {
  const may = useMay('admin', 'marketer')
  const proposal = useContractProposal(event, may)
  if (!may) {
    return (
      <div className="card">
        <Empty title={t.page.noContract}>{t.page.noContractMore}</Empty>
      </div>
    )
  }
  return (
    <Loaded of={proposal} height={560}>
      {(proposal) => (
        <>
          <p className="note">
            {proposal ? t.page.proposed : t.page.nothingProposed}
          </p>
          <ContractForm event={event} schema={proposal ?? emptySchema} sources={[]} fresh />
        </>
      )}
    </Loaded>
  )
}

function Retire({ whole: { event, live } }: { whole: ContractWhole }) {
  const may = useMay('admin', 'marketer')
  const retire = useRetireContract(event)
  if (!live || !may) return null
  return (
    <Button
      variant="default"
      loading={retire.isPending}
      onClick={() =>
        modals.openConfirmModal({
          title: t.retire.ask(event),
          children: <p className="dim">{t.retire.askMore}</p>,
          labels: { confirm: t.retire.yes, cancel: house.cancel },
          confirmProps: { color: 'red' },
          onConfirm: () => void retire.mutateAsync().then(() => done(t.retire.done(event)), failed),
        })
      }
    >
      {t.retire.retire}
    </Button>
  )
}
