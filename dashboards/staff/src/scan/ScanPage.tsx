import './scan.css'
import { useMay, useReadCode, useShops, useTakeCode, useTakeCodeBack, type Shop, type ShownCode } from '@aisle/api'
import { Empty, Failure, hourMinute, said, SchemeToggle, Skeleton, useNow } from '@aisle/ui'
import { Button, Select, TextInput } from '@mantine/core'
import { useDocumentTitle } from '@mantine/hooks'
import { ArrowLeft, Check, Undo2 } from 'lucide-react'
import { useEffect, useId, useRef, useState, type FormEvent } from 'react'
import { useView } from '../url'
import { t } from '../words'
import { Camera } from './Camera'
import { CheckInCode } from './CheckInCode'
import { codeOf, halves } from './read'

/** Where staff take a shopper's code: by the camera, by a scanner that types, or by hand. */
export default function ScanPage() {
  const shops = useShops()
  const [view, change] = useView()
  const staff = useMay('staff')
  const shop = shops.data?.find(({ id }) => id === view.shop) ?? shops.data?.[0]
  useDocumentTitle(`${t.scan.title} · Aisle`)
  return (
    <main className="scan">
      <div className="between">
        <a href={`/staff/${location.search}`} className="row"><ArrowLeft size={16} className="ahead" aria-hidden /> {t.scan.shopNow}</a>
        <SchemeToggle />
      </div>
      <h1>{t.scan.title}</h1>
      {shops.error && !shops.data ? <Failure error={shops.error} retry={shops.refetch} /> : null}
      {!shops.data && !shops.error && <Skeleton height={120} />}
      {shops.data?.length === 0 && <Empty title={t.noShop}>{t.scan.noShop}</Empty>}
      {!staff && <Empty title={t.scan.forStaff}>{t.scan.forStaffOnly}</Empty>}
      {staff && shop && (
        <>
          {shops.data!.length > 1 && (
            <Select
              label={t.shop}
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
  const field = useRef<HTMLInputElement>(null)

  // A scanner types wherever the keyboard is; what it types next replaces what is there.
  useEffect(() => {
    const typing = ({ key, target, ctrlKey, metaKey, altKey }: KeyboardEvent) => {
      if (ctrlKey || metaKey || altKey || !/^[0-9a-z]$/i.test(key) || (target as Element).matches('input, textarea, select')) return
      field.current?.focus()
      field.current?.select()
    }
    document.addEventListener('keydown', typing)
    return () => document.removeEventListener('keydown', typing)
  }, [])
  useEffect(() => {
    if (document.activeElement === field.current) field.current?.select()
  }, [shown, reading.error])

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
  const wrong = typed.trim().length >= 8 && !codeOf(typed) ? t.scan.wrong : undefined
  return (
    <>
      <Camera onCode={look} />
      <form onSubmit={submit} className="scan-form">
        <TextInput
          ref={field}
          label={t.scan.type}
          placeholder="7K2M 9QXA"
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          size="md"
          value={typed}
          error={wrong}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Button type="submit" size="md" variant="default" disabled={!codeOf(typed)} loading={reading.isPending}>{t.scan.look}</Button>
      </form>
      <div aria-live="polite">
        {error && <p role="alert" className="error scan-note">{said(error)}</p>}
        {shown && (
          <CodeCard shown={shown} zone={shop.time_zone} busy={taking.isPending || takingBack.isPending} taken={taking.isSuccess ? taking.submittedAt : undefined} onTake={take} onUndo={takeBack} />
        )}
      </div>
    </>
  )
}

interface CodeCardProps {
  shown: ShownCode
  zone: string
  busy: boolean
  /** When this page took it, by its own clock; undefined where it did not. */
  taken: number | undefined
  onTake: () => void
  onUndo: () => void
}

function CodeCard({ shown, zone, busy, taken, onTake, onUndo }: CodeCardProps) {
  const now = useNow()
  const title = useId()
  const mayUndo = shown.used && shown.undo_until ? Date.parse(shown.undo_until) - Date.parse(shown.used) : 0
  const left = taken === undefined ? 0 : Math.ceil((taken + mayUndo - now) / 1_000)
  const at = (time: string | undefined) => (time ? hourMinute(Date.parse(time), zone) : '')
  const says = {
    holds: t.scan.holds(at(shown.expires)),
    used: taken !== undefined ? t.scan.taken(at(shown.used)) : t.scan.used(at(shown.used), shown.till === 'staff' ? undefined : shown.till),
    ended: t.scan.ended(at(shown.expires)),
    left: t.scan.left(at(shown.left)),
  }[shown.status]
  const good = shown.status === 'holds' || taken !== undefined
  return (
    <section className="card scan-card" data-tone={good ? 'good' : 'bad'} aria-labelledby={title}>
      <h2 id={title}>{shown.title ?? t.scan.offer}</h2>
      {shown.body && <p>{shown.body}</p>}
      <p className="dim num">{t.scan.shopper(halves(shown.code), shown.label)}</p>
      <p className="strong">{says}</p>
      {shown.status === 'holds' && (
        <Button size="lg" fullWidth leftSection={<Check size={20} />} loading={busy} onClick={onTake}>{t.scan.take}</Button>
      )}
      {shown.status === 'used' && left > 0 && (
        <Button size="md" fullWidth variant="default" leftSection={<Undo2 size={18} />} loading={busy} onClick={onUndo}>
          {t.scan.undo(left)}
        </Button>
      )}
    </section>
  )
}
