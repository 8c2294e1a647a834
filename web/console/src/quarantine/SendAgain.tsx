import { useQuarantine, useSendAgain, type QuarantineFilter } from '@aisle/api'
import { count, plural } from '@aisle/ui'
import { Button, Progress } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useState } from 'react'
import { failed } from '../say'
import { progressOf, progressWords } from './filter'

type Body = Parameters<ReturnType<typeof useSendAgain>['mutate']>[0]
type States = Parameters<typeof progressOf>[0]

interface Ask {
  /** How many it is about, and in words. */
  count: number
  what: string
  body: Body
  before: States
  after?: () => void
}

interface Sent extends Ask {
  handed: number
  left: number
  gone: number
}

/** Sends records through the door again, once somebody has said yes, and follows what comes of it. */
export function useSending(filter: QuarantineFilter) {
  const replay = useSendAgain()
  const [sent, setSent] = useState<Sent>()
  const send = (asked: Ask) =>
    replay.mutate(asked.body, {
      onSuccess: ({ replayed, left, gone = 0 }) => {
        setSent({ ...asked, handed: replayed, left, gone })
        asked.after?.()
      },
      onError: failed,
    })
  const ask = (asked: Ask) =>
    modals.openConfirmModal({
      title: `Send ${count(asked.count)} ${asked.count === 1 ? 'record' : 'records'} again?`,
      children: (
        <p className="dim">
          This hands {asked.what} to the door once more, with the contracts and steps as they are now. What can be read becomes events; what cannot lies here again. Ids stay, so nothing comes twice.
          {asked.count > 1_000 && ' At most 1,000 go at once, the oldest first.'}
        </p>
      ),
      labels: { confirm: 'Send again', cancel: 'Cancel' },
      onConfirm: () => send(asked),
    })
  return { ask, send, sent, pending: replay.isPending, clear: () => setSent(undefined), filter }
}

/** How far it is, and what came of it. */
export function SendAgain({ sending: { sent, send, clear, filter, pending } }: { sending: ReturnType<typeof useSending> }) {
  return sent ? <Following key={`${sent.handed} ${JSON.stringify(sent.before)}`} sent={sent} send={send} clear={clear} filter={filter} pending={pending} /> : null
}

function Following({ sent, send, clear, filter, pending }: { sent: Sent; send: (ask: Ask) => void; clear: () => void; filter: QuarantineFilter; pending: boolean }) {
  // Asked without the state: what changes it would leave the filter.
  const asked = useQuarantine(filter)
  const states = asked.data?.pages[0]?.states ?? {}
  const progress = progressOf(sent.before, states, sent.handed)
  const over = progress.done === progress.handed
  return (
    <div className="sending" role="status">
      <p className="grow">
        <span className="strong">{sent.handed === 0 ? 'None was handed to the door.' : progressWords(progress)}</span>
        {sent.gone > 0 && <span className="dim"> {plural(sent.gone, 'record')} no longer lies here.</span>}
        {sent.left > 0 && <span className="dim"> {plural(sent.left, 'record')} more than go at once.</span>}
      </p>
      <Progress value={sent.handed === 0 ? 100 : (progress.done / progress.handed) * 100} w={160} size="sm" color={over && progress.again > 0 ? 'orange' : 'iris'} aria-label="How far it is" />
      {sent.left > 0 && (
        <Button size="compact-sm" variant="default" loading={pending} disabled={!over} onClick={() => send({ ...sent, count: sent.left, before: states })}>
          Send the next {count(Math.min(sent.left, 1_000))}
        </Button>
      )}
      <Button size="compact-sm" variant="subtle" onClick={clear}>
        {over ? 'Close' : 'Hide'}
      </Button>
    </div>
  )
}
