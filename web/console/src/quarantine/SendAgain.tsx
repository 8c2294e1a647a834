import { useQuarantine, useSendAgain, type QuarantineFilter } from '@aisle/api'
import { count } from '@aisle/ui'
import { Button, Progress } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useState } from 'react'
import { failed } from '../say'
import { t as house } from '../words'
import { progressOf, progressWords } from './filter'
import { t } from './words'

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
      title: t.send.ask(asked.count),
      children: (
        <p className="dim">
          {t.send.askMore(asked.what)} {asked.count > 1_000 && t.send.most}
        </p>
      ),
      labels: { confirm: t.send.yes, cancel: house.cancel },
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
        <span className="strong">{sent.handed === 0 ? t.send.nothing : progressWords(progress)}</span>
        {sent.gone > 0 && <span className="dim"> {t.send.gone(sent.gone)}</span>}
        {sent.left > 0 && <span className="dim"> {t.send.left(sent.left)}</span>}
      </p>
      <Progress value={sent.handed === 0 ? 100 : (progress.done / progress.handed) * 100} w={160} size="sm" color={over && progress.again > 0 ? 'orange' : 'iris'} aria-label={t.send.howFar} />
      {sent.left > 0 && (
        <Button size="compact-sm" variant="default" loading={pending} disabled={!over} onClick={() => send({ ...sent, count: sent.left, before: states })}>
          {t.send.next(count(Math.min(sent.left, 1_000)))}
        </Button>
      )}
      <Button size="compact-sm" variant="subtle" onClick={clear}>
        {over ? house.close : t.send.hide}
      </Button>
    </div>
  )
}
