import { useApprove, useAskApproval, useDecline, useMay, type Approval, type Campaign } from '@aisle/api'
import { ago, useNow } from '@aisle/ui'
import { Button, Textarea } from '@mantine/core'
import { Check, UserCheck } from 'lucide-react'
import { useState } from 'react'
import { done, failed } from '../say'
import { t } from './words'

/** How far a campaign is past the second person, and what this one may do about it. */
export function ApprovalNote({ campaign, approval }: { campaign: Campaign; approval: Approval }) {
  const { id, name, version } = campaign
  const now = useNow(30_000)
  const writes = useMay('marketer', 'approver', 'admin')
  const ask = useAskApproval()
  const approve = useApprove()
  const decline = useDecline()
  const [note, setNote] = useState('')
  const declined = () => {
    setNote('')
    done(t.approval.didDecline)
  }
  const current = approval.version === version
  const asked = current && approval.state === 'asked'
  if (!approval.needed) {
    return approval.by ? (
      <p className="dim small">
        <Check size={12} aria-hidden /> {t.approval.approved(approval.by, approval.at ? ago(approval.at, now) : '')}
      </p>
    ) : null
  }
  return (
    <section className="card block" aria-label={t.approval.label}>
      <div className="between" style={{ alignItems: 'flex-start' }}>
        <div>
          <h2>{asked ? t.approval.waits : t.approval.needed}</h2>
          <p className="dim">
            {asked && `${t.approval.asked(approval.asked_by ?? '', approval.asked ? ago(approval.asked, now) : '')} `}
            {t.approval.authors(approval.authors.join(', '))}
          </p>
          {current && approval.state === 'declined' && (
            <p className="error" dir="auto">
              {t.approval.declined(approval.by ?? '', approval.note ?? '')}
            </p>
          )}
        </div>
        {writes && !asked && !approval.may && (
          <Button leftSection={<UserCheck size={13} />} loading={ask.isPending} onClick={() => void ask.mutateAsync({ campaign: id, version }).then(() => done(t.approval.didAsk(name)), failed)}>
            {t.approval.ask}
          </Button>
        )}
      </div>
      {approval.may && (
        <div className="row" style={{ alignItems: 'flex-end' }}>
          <Textarea className="grow" label={t.approval.note} dir="auto" autosize minRows={1} maxRows={5} maxLength={1000} value={note} onChange={({ currentTarget }) => setNote(currentTarget.value)} />
          <Button variant="default" disabled={!note.trim()} loading={decline.isPending} onClick={() => void decline.mutateAsync({ campaign: id, version, note }).then(declined, failed)}>
            {t.approval.decline}
          </Button>
          <Button leftSection={<Check size={13} />} loading={approve.isPending} onClick={() => void approve.mutateAsync({ campaign: id, version }).then(() => done(t.approval.didApprove(name)), failed)}>
            {t.approval.approve}
          </Button>
        </div>
      )}
    </section>
  )
}
