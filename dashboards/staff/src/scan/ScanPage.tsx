import './scan.css'
import { words, useReadCode, useShops, useTakeCode, useTakeCodeBack, type Shop, type ShownCode } from '@aisle/api'
import { Empty, Failure, hourMinute, SchemeToggle, Skeleton, useNow } from '@aisle/ui'
import { Button, Select, TextInput } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { ArrowLeft, Check, Undo2 } from 'lucide-react'
import { useId, useState, type FormEvent } from 'react'
import { useView } from '../url'
import { Camera } from './Camera'
import { CheckInCode } from './CheckInCode'
import { codeOf, halves } from './read'

/** Where staff take a shopper's code: by the camera, or typed. */
export default function ScanPage() {
  const shops = useShops()
  const [view, change] = useView()
  const shop = shops.data?.find(({ id }) => id === view.shop) ?? shops.data?.[0]
  useDocumentTitle('Take a code · Aisle')
  return (
    <main className="scan">
      <div className="between">
        <a href={`/staff/${location.search}`} className="row"><ArrowLeft size={16} aria-hidden /> The shop now</a>
        <SchemeToggle />
      </div>
      <h1>Take a code</h1>
      {shops.error && !shops.data ? <Failure error={shops.error} retry={shops.refetch} /> : null}
      {!shops.data && !shops.error && <Skeleton height={120} />}
      {shops.data?.length === 0 && <Empty title="No shop yet">Codes are taken in a shop: set up the first one in the console.</Empty>}
      {shop && (
        <>
          {shops.data!.length > 1 && (
            <Select
              label="Shop"
              data={shops.data!.map(({ id, name }) => ({ value: id, label: name }))}
              value={shop.id}
              onChange={(id) => id && change({ shop: id })}
            />
          )}
          <Taking key={shop.id} shop={shop} />
          <CheckInCode shop={shop.id} name={shop.name} />
        </>
      )}
    </main>
  )
}

function Taking({ shop }: { shop: Shop }) {
  const [typed, setTyped] = useState('')
  const [shown, setShown] = useState<ShownCode>()
  // A use has one name, however often it is sent.
  const [transaction, setTransaction] = useState('')
  const reading = useReadCode()
  const taking = useTakeCode()
  const takingBack = useTakeCodeBack()
  const error = reading.error ?? taking.error ?? takingBack.error

  const look = (code: string) => {
    taking.reset()
    takingBack.reset()
    setShown(undefined)
    setTyped(halves(code))
    setTransaction(crypto.randomUUID())
    reading.mutate(code, { onSuccess: setShown })
  }
  const take = () => taking.mutate({ code: shown!.code, shop: shop.id, transaction }, { onSuccess: setShown, onError: () => reading.mutate(shown!.code, { onSuccess: setShown }) })
  const takeBack = () =>
    takingBack.mutate(shown!.code, {
      onSuccess: (back) => {
        setShown(back)
        setTransaction(crypto.randomUUID())
        taking.reset()
      },
    })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    const code = codeOf(typed)
    if (code) look(code)
  }
  const wrong = typed.trim().length >= 8 && !codeOf(typed) ? 'A code has 8 letters and digits.' : undefined
  return (
    <>
      <Camera onCode={look} />
      <form onSubmit={submit} className="scan-form">
        <TextInput
          label="Or type the code"
          placeholder="7K2M 9QXA"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          size="md"
          value={typed}
          error={wrong}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" size="md" variant="default" disabled={!codeOf(typed)} loading={reading.isPending}>Look it up</Button>
      </form>
      <div aria-live="polite">
        {error && <p role="alert" className="error scan-note">{words(error)}</p>}
        {shown && (
          <CodeCard shown={shown} zone={shop.time_zone} busy={taking.isPending || takingBack.isPending} taken={taking.isSuccess} onTake={take} onUndo={takeBack} />
        )}
      </div>
    </>
  )
}

interface CodeCardProps {
  shown: ShownCode
  zone: string
  busy: boolean
  /** It was this page that took it. */
  taken: boolean
  onTake: () => void
  onUndo: () => void
}

function CodeCard({ shown, zone, busy, taken, onTake, onUndo }: CodeCardProps) {
  const now = useNow()
  const title = useId()
  const left = shown.undo_until ? Math.ceil((Date.parse(shown.undo_until) - now) / 1000) : 0
  const at = (time: string | undefined) => (time ? hourMinute(Date.parse(time), zone) : '')
  const says = {
    holds: `Holds until ${at(shown.expires)}.`,
    used: taken ? `Taken at ${at(shown.used)}.` : `Used already, at ${at(shown.used)}${shown.till && shown.till !== 'staff' ? ` (${shown.till})` : ''}.`,
    ended: `It held until ${at(shown.expires)}.`,
    left: `It held until its shopper left the shop, at ${at(shown.left)}.`,
  }[shown.status]
  const good = shown.status === 'holds' || taken
  return (
    <section className="card scan-card" data-tone={good ? 'good' : 'bad'} aria-labelledby={title}>
      <h2 id={title}>{shown.title ?? 'An offer'}</h2>
      {shown.body && <p>{shown.body}</p>}
      <p className="dim num">{halves(shown.code)} · shopper {shown.label}</p>
      <p className="strong">{says}</p>
      {shown.status === 'holds' && (
        <Button size="lg" fullWidth leftSection={<Check size={20} />} loading={busy} onClick={onTake}>Take it</Button>
      )}
      {shown.status === 'used' && taken && left > 0 && (
        <Button size="md" fullWidth variant="default" leftSection={<Undo2 size={18} />} loading={busy} onClick={onUndo}>
          Undo, {left} s left
        </Button>
      )}
    </section>
  )
}
