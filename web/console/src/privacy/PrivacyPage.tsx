import { useAnswerPrivacyRequest, useMay, usePrivacyRequests, useRefusePrivacyRequest, type PrivacyRequest } from '@aisle/api'
import { dateTime, day, Empty, plural, Status, useNow } from '@aisle/ui'
import { Button, Textarea } from '@mantine/core'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { dueState, kindWord } from './requests'

/** What shoppers asked of us under data protection law, and by when. */
export default function PrivacyPage() {
  const may = useMay('approver')
  return (
    <Page title="Privacy requests" note="What shoppers asked for, and until when it is to be answered: one month, by law. Open one on a person’s page.">
      {may ? (
        <Requests />
      ) : (
        <div className="card">
          <Empty title="Approvers answer them">You can take in what a shopper asks for on their page, under People.</Empty>
        </div>
      )}
    </Page>
  )
}

function Requests() {
  const requests = usePrivacyRequests()
  return (
    <Loaded of={requests} height={240}>
      {(all) => {
        const open = all.filter(({ done }) => !done)
        const over = all.filter(({ done }) => done)
        return (
          <>
            <section className="card" aria-label="Open requests">
              <div className="card-head">
                <h2>To answer</h2>
                <span className="dim">{plural(open.length, 'request')}</span>
              </div>
              {open.length === 0 ? <Empty title="Nothing is open">When a shopper asks what you know of them, to be forgotten, or to be left alone, take it in on their page.</Empty> : <RequestsTable requests={open} />}
            </section>
            {over.length > 0 && (
              <section className="card" aria-label="Answered requests">
                <div className="card-head">
                  <h2>Answered</h2>
                </div>
                <RequestsTable requests={over} />
              </section>
            )}
          </>
        )
      }}
    </Loaded>
  )
}

function RequestsTable({ requests }: { requests: PrivacyRequest[] }) {
  const now = useNow(60_000)
  return (
    <div className="scroll">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Asks for</th>
            <th scope="col">Shopper</th>
            <th scope="col">Taken in</th>
            <th scope="col">State</th>
            <th scope="col">Note</th>
            <th scope="col" className="n">
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <tr key={request.id}>
              <td className="strong">{kindWord[request.kind].name}</td>
              <td className="mono small">
                {request.receipt ? request.shopper : (
                  <Link to="/people/$shopper" params={{ shopper: request.shopper }}>
                    {request.shopper}
                  </Link>
                )}
              </td>
              <td title={dateTime(request.opened)}>
                {day(request.opened)} <span className="dim">by {request.by}</span>
              </td>
              <td>
                <Status state={dueState(request, now)} />
              </td>
              <td className="dim">{request.note}</td>
              <td className="n">{request.done ? <Receipt request={request} /> : <Answer request={request} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const Receipt = ({ request }: { request: PrivacyRequest }) =>
  request.receipt ? (
    <Button component="a" size="xs" variant="default" href={`/api/privacy/receipts/${encodeURIComponent(request.receipt)}`} download={`aisle-erasure-${request.receipt}.json`} leftSection={<Download size={14} />}>
      Receipt
    </Button>
  ) : null

function Answer({ request }: { request: PrivacyRequest }) {
  const answer = useAnswerPrivacyRequest()
  const kind = kindWord[request.kind]
  const ask = () =>
    modals.openConfirmModal({
      title: kind.ask,
      children: <p className="dim">{kind.does}</p>,
      labels: { confirm: kind.doIt, cancel: 'Cancel' },
      confirmProps: request.kind === 'erasure' ? { color: 'red' } : {},
      onConfirm: () => answer.mutate(request.id, { onSuccess: () => done(kind.done), onError: failed }),
    })
  return (
    <div className="row" style={{ justifyContent: 'flex-end' }}>
      {request.kind === 'access' && (
        <Button component="a" size="xs" variant="default" href={`/api/people/${encodeURIComponent(request.shopper)}/export`} download="what-is-known.json" leftSection={<Download size={14} />}>
          Export
        </Button>
      )}
      <Button size="xs" loading={answer.isPending} onClick={ask}>
        {kind.doIt}
      </Button>
      <Button size="xs" variant="subtle" onClick={() => modals.open({ title: 'Refuse it?', children: <Refuse request={request} /> })}>
        Refuse
      </Button>
    </div>
  )
}

function Refuse({ request }: { request: PrivacyRequest }) {
  const refuse = useRefusePrivacyRequest()
  const [note, setNote] = useState('')
  const send = () =>
    refuse.mutate(
      { id: request.id, note },
      {
        onSuccess: () => {
          modals.closeAll()
          done('The request is refused, with your reason.')
        },
        onError: failed,
      },
    )
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <Textarea label="Why" description="They have a right to know, and to complain" required autosize minRows={3} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      <Button type="submit" disabled={!note.trim()} loading={refuse.isPending} style={{ justifySelf: 'start' }}>
        Refuse it
      </Button>
    </form>
  )
}
