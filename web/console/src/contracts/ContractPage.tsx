import { useContract, useContractProposal, useMay, useRetireContract, type ContractWhole } from '@aisle/api'
import { contractState, CopyId, Empty, Status } from '@aisle/ui'
import { Button, Tabs } from '@mantine/core'
import { modals } from '@mantine/modals'
import { getRouteApi } from '@tanstack/react-router'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { ContractForm } from './ContractForm'
import { ContractHistory } from './ContractHistory'
import { emptySchema, newest } from './schema'
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
      beside={whole && <Status state={whole.live ? { ...contractState.live, word: `Version ${whole.live} holds` } : { word: 'Not checked', tone: 'none' }} />}
      note={<CopyId value={event} label="event" />}
      actions={
        whole && (
          <>
            <LinkButton variant="default" to="/quarantine" search={{ reason: 'schema', text: event }}>
              What was refused
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
        <Tabs.Tab value="edit">Contract</Tabs.Tab>
        <Tabs.Tab value="history">History</Tabs.Tab>
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
        <Empty title="It has no contract">These events are taken whatever their properties are. Marketers and admins can start a contract.</Empty>
      </div>
    )
  }
  return (
    <Loaded of={proposal} height={560}>
      {(proposal) => (
        <>
          <p className="note">
            {proposal
              ? 'This schema is proposed from what came so far: what always came is required. Take out what may be missing, then publish it.'
              : 'No such event came yet, so nothing can be proposed. Write what its properties must be, or wait for the first event and come back.'}
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
          title: `Check ${event} no more?`,
          children: <p className="dim">From now on these events are taken whatever their properties are. The versions stay, and any of them can be published again.</p>,
          labels: { confirm: 'Retire it', cancel: 'Cancel' },
          confirmProps: { color: 'red' },
          onConfirm: () => retire.mutate(undefined, { onSuccess: () => done(`${event} is checked no more.`), onError: failed }),
        })
      }
    >
      Retire
    </Button>
  )
}
