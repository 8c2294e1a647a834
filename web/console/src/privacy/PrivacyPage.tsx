import { useAnswerPrivacyRequest, useMay, usePrivacyRequests, useRefusePrivacyRequest, type PrivacyRequest } from '@aisle/api'
import { dateTime, day, Empty, Status, useNow } from '@aisle/ui'
import { Button, Textarea } from '@mantine/core'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useState } from 'react'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { t as house } from '../words'
import { dueState } from './requests'
import { t } from './words'

/** What shoppers asked of us under data protection law, and by when. */
export default function PrivacyPage() {
  const may = useMay('approver')
  return (
    <Page title={t.title} note={t.note}>
      {may ? (
        <Requests />
      ) : (
        <div className="card">
          <Empty title={t.notYours.title}>{t.notYours.more}</Empty>
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
            <section className="card" aria-label={t.open.label}>
              <div className="card-head">
                <h2>{t.open.title}</h2>
                <span className="dim">{t.open.count(open.length)}</span>
              </div>
              {open.length === 0 ? <Empty title={t.open.none}>{t.open.noneMore}</Empty> : <RequestsTable requests={open} />}
            </section>
            {over.length > 0 && (
              <section className="card" aria-label={t.answered.label}>
                <div className="card-head">
                  <h2>{t.answered.title}</h2>
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
            <th scope="col">{t.table.asks}</th>
            <th scope="col">{t.table.shopper}</th>
            <th scope="col">{t.table.taken}</th>
            <th scope="col">{t.table.state}</th>
            <th scope="col">{t.table.note}</th>
            <th scope="col" className="n">
              <span className="hidden">{t.table.actions}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {requests.map((request) => (
            <tr key={request.id}>
              <td className="strong">{t.kinds[request.kind].name}</td>
              <td className="mono small">
                {request.receipt ? request.shopper : (
                  <Link to="/people/$shopper" params={{ shopper: request.shopper }}>
                    {request.shopper}
                  </Link>
                )}
              </td>
              <td title={dateTime(request.opened)}>
                {day(request.opened)} <span className="dim">{t.by(request.by)}</span>
              </td>
              <td>
                <Status state={dueState(request, now)} />
              </td>
              <td className="dim">
                <bdi>{request.note}</bdi>
              </td>
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
      {t.receipt}
    </Button>
  ) : null

function Answer({ request }: { request: PrivacyRequest }) {
  const answer = useAnswerPrivacyRequest()
  const kind = t.kinds[request.kind]
  const ask = () =>
    modals.openConfirmModal({
      title: kind.ask,
      children: <p className="dim">{kind.does}</p>,
      labels: { confirm: kind.doIt, cancel: house.cancel },
      confirmProps: request.kind === 'erasure' ? { color: 'red' } : {},
      onConfirm: () => void answer.mutateAsync(request.id).then(() => done(kind.done), failed),
    })
  return (
    <div className="row" style={{ justifyContent: 'flex-end' }}>
      {request.kind === 'access' && (
        <Button component="a" size="xs" variant="default" href={`/api/people/${encodeURIComponent(request.shopper)}/export`} download="what-is-known.json" leftSection={<Download size={14} />}>
          {t.export}
        </Button>
      )}
      <Button size="xs" loading={answer.isPending} onClick={ask}>
        {kind.doIt}
      </Button>
      <Button size="xs" variant="subtle" onClick={() => modals.open({ title: t.refuse.title, children: <Refuse request={request} /> })}>
        {t.refuse.open}
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
          done(t.refuse.done)
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
      <Textarea label={t.refuse.why} description={t.refuse.whyMore} required autosize minRows={3} value={note} onChange={(event) => setNote(event.currentTarget.value)} />
      <Button type="submit" disabled={!note.trim()} loading={refuse.isPending} style={{ justifySelf: 'start' }}>
        {t.refuse.doIt}
      </Button>
    </form>
  )
}
