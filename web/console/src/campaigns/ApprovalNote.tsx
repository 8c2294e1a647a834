import { useApprove, useAskApproval, useDecline, useMay, type Approval, type Campaign } from '@aisle/api'
import { ago, useNow } from '@aisle/ui'
import { Button, Textarea } from '@mantine/core'
import { Check, UserCheck } from 'lucide-react'
import { useState } from 'react'
import { done, failed } from '../say'

/** How far a campaign is past the second person, and what this one may do about it. */
export function ApprovalNote({ campaign, approval }: { campaign: Campaign; approval: Approval }) {
  const { id, name, version } = campaign
  const now = useNow(30_000)
  const writes = useMay('marketer', 'approver', 'admin')
  const ask = useAskApproval()
  const approve = useApprove()
  const decline = useDecline()
  const [note, setNote] = useState('')
  const current = approval.version === version
  const asked = current && approval.state === 'asked'
  if (!approval.needed) {
    return approval.by ? (
      <p className="dim small">
        <Check size={12} aria-hidden /> Approved by {approval.by}, {approval.at && ago(approval.at, now)}.
      </p>
    ) : null
  }
  const authors = approval.authors.join(', ')
  return (
    <section className="card block" aria-label="Approval">
      <div className="between" style={{ alignItems: 'flex-start' }}>
        <div>
          <h2>{asked ? 'Waits for a second person' : 'A second person has to approve it'}</h2>
          <p className="dim">
            {asked && `${approval.asked_by} asked ${approval.asked ? ago(approval.asked, now) : ''}. `}
            Written by {authors}: anybody else who may approve can look at it.
          </p>
          {current && approval.state === 'declined' && (
            <p className="error">
              {approval.by} said: “{approval.note}”
            </p>
          )}
        </div>
        {writes && !asked && !approval.may && (
          <Button leftSection={<UserCheck size={13} />} loading={ask.isPending} onClick={() => ask.mutate({ campaign: id, version }, { onSuccess: () => done(`“${name}” is in the list as one to approve.`), onError: failed })}>
            Ask for approval
          </Button>
        )}
      </div>
      {approval.may && (
        <div className="row" style={{ alignItems: 'flex-end' }}>
          <Textarea className="grow" label="What has to be changed" autosize minRows={1} maxRows={5} maxLength={1000} value={note} onChange={({ currentTarget }) => setNote(currentTarget.value)} />
          <Button variant="default" disabled={!note.trim()} loading={decline.isPending} onClick={() => decline.mutate({ campaign: id, version, note }, { onSuccess: () => done('They read what has to be changed.'), onError: failed })}>
            Decline
          </Button>
          <Button leftSection={<Check size={13} />} loading={approve.isPending} onClick={() => approve.mutate({ campaign: id, version }, { onSuccess: () => done(`“${name}” is approved and live.`), onError: failed })}>
            Approve and send live
          </Button>
        </div>
      )}
    </section>
  )
}
