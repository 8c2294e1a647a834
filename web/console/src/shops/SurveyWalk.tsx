import { Problem, surveyReadings, useAddSurveyPoint, useSurveyTags, words, type Floor, type Point, type Shop, type SurveyReadings } from '@aisle/api'
import { fixed, said, useNow, worded } from '@aisle/ui'
import { Button, NumberInput, TextInput } from '@mantine/core'
import { useLocalStorage } from '@mantine/hooks'
import { Check, Footprints, Pause, RadioTower, TriangleAlert } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { zoneAt } from './plan'
import { shortTag } from './survey'
import { t } from './words'

interface SurveyWalkProps {
  shop: Shop
  floor: Floor
  walking: boolean
  target: Point | undefined
  /** The target was pressed, and not proposed. */
  chosen: boolean
  left: number
  step: number
  onStep: (metres: number) => void
  onWalk: (on: boolean) => void
  onSkip: () => void
  onDone: () => void
}

const longest = 60 // seconds that a stand is prolonged to, where too little is heard

/** What whoever walks has in their hand: which tag, where to, and how much was heard. */
export function SurveyWalk(props: SurveyWalkProps) {
  const { shop, walking, step, onStep, onWalk } = props
  const [tag, setTag] = useLocalStorage<string>({ key: `aisle survey tag ${shop.id}`, defaultValue: '' })
  const [seconds, setSeconds] = useLocalStorage<number>({ key: 'aisle survey seconds', defaultValue: 10 })
  if (walking && tag) return <Walk {...props} tag={tag} seconds={seconds} />
  return (
    <div className="block">
      <h2>{walking ? t.walk.whichTag : t.walk.title}</h2>
      <p className="small dim">{t.walk.note}</p>
      <Tags shop={shop} tag={tag} onTag={setTag} />
      <div className="fields">
        <NumberInput className="w6" label={t.walk.standFor} suffix={t.unit.s('')} min={3} max={60} allowDecimal={false} value={seconds} onChange={(value) => typeof value === 'number' && setSeconds(Math.min(60, Math.max(3, value)))} />
        <NumberInput className="w6" label={t.walk.each} suffix={t.unit.m('')} min={1} max={20} step={0.5} decimalScale={1} value={step} onChange={(value) => typeof value === 'number' && value >= 1 && onStep(value)} />
      </div>
      <Button className="survey-big" size="md" leftSection={<Footprints size={18} />} disabled={!tag.trim()} onClick={() => onWalk(true)}>
        {props.left === 0 ? t.walk.on : t.walk.begin(props.left)}
      </Button>
    </div>
  )
}

function Tags({ shop, tag, onTag }: { shop: Shop; tag: string; onTag: (tag: string) => void }) {
  const heard = useSurveyTags(shop.id, true)
  const now = useNow(1_000)
  const tags = heard.data?.tags ?? []
  return (
    <div className="stack" style={{ gap: 8 }}>
      <p className="strong">{t.walk.tags}</p>
      {heard.error ? (
        <p className="error" role="alert" dir="auto">
          {said(heard.error)}
        </p>
      ) : heard.data && !heard.data.listening ? (
        <p className="small" style={{ color: 'var(--warn)' }} role="status">
          <TriangleAlert size={13} aria-hidden style={{ verticalAlign: -2 }} /> {t.walk.deaf}
        </p>
      ) : tags.length === 0 ? (
        <p className="small dim" role="status">
          {heard.data ? t.walk.noTag : t.walk.listening}
        </p>
      ) : (
        <div className="tags" role="group" aria-label={t.walk.tags}>
          {tags.slice(0, 20).map(({ tag: name, receiver, gain_db, last, canary }) => (
            <button key={name} type="button" aria-pressed={name === tag} disabled={canary} onClick={() => onTag(name)}>
              <span className="bar" aria-hidden>
                <i style={{ width: `${loudness(gain_db) * 100}%` }} />
              </span>
              <span style={{ minWidth: 0 }}>
                <span className="mono cut" dir="ltr" style={{ display: 'block' }} title={name}>
                  {shortTag(name)}
                </span>
                <span className="small dim">{canary ? t.walk.fixed : t.walk.loudest(receiver, Math.max(0, Math.round((now - Date.parse(last)) / 1_000)))}</span>
              </span>
            </button>
          ))}
        </div>
      )}
      <TextInput label={t.walk.carried} description={t.walk.carriedNote} styles={{ input: { fontFamily: 'var(--mono)', fontSize: 12, direction: 'ltr' } }} placeholder="iBeacon:…" value={tag} onChange={({ currentTarget }) => onTag(currentTarget.value.trim())} />
    </div>
  )
}

const loudness = (gain: number) => Math.min(1, Math.max(0.04, 1 + gain / 50))

function Walk({ shop, floor, target, chosen, left, tag, seconds, onWalk, onSkip, onDone }: SurveyWalkProps & { tag: string; seconds: number }) {
  const [since, setSince] = useState<string>() // by the clock of the house
  const [begun, setBegun] = useState(0) // by this page's
  const [counted, setCounted] = useState<SurveyReadings>()
  const [problem, setProblem] = useState<string>()
  const add = useAddSurveyPoint(shop.id)
  const standing = useRef<AbortController>(undefined)
  const now = useNow(200)
  const zone = target && zoneAt(shop, floor.id, target)
  const passed = begun ? (now - begun) / 1_000 : 0

  useEffect(() => () => standing.current?.abort(), [])

  const stop = () => {
    standing.current?.abort()
    setSince(undefined)
    setBegun(0)
  }

  const stand = async (at: Point) => {
    const control = new AbortController()
    standing.current = control
    const { signal } = control
    setProblem(undefined)
    setCounted(undefined)
    try {
      const begin = await surveyReadings(shop.id, tag, undefined, signal)
      setSince(begin.now)
      const start = Date.now()
      setBegun(start)
      let latest = begin
      while (!signal.aborted) {
        await sleep(500, signal)
        latest = await surveyReadings(shop.id, tag, begin.now, signal)
        setCounted(latest)
        const took = (Date.now() - start) / 1_000
        if (took < seconds) continue
        if (latest.packets >= latest.enough) break
        if (took >= longest) throw new Problem(0, advice(latest))
      }
      await add.mutateAsync({ tag, floor: floor.id, at, since: begin.now, until: latest.now })
      navigator.vibrate?.(120)
      onDone()
    } catch (error) {
      if (signal.aborted) return
      setProblem(worded(words(error)))
    }
    stop()
  }

  if (!target) {
    return (
      <div className="block">
        <h2>
          <Check size={15} aria-hidden style={{ verticalAlign: -2, color: 'var(--pos)' }} /> {t.walk.all}
        </h2>
        <p className="dim">{t.walk.allMore}</p>
        <Button variant="default" className="survey-big" onClick={() => onWalk(false)}>
          {t.walk.done}
        </Button>
      </div>
    )
  }
  const short = since && passed >= seconds
  return (
    <div className="block">
      <div>
        <p className="dim small">{chosen ? t.walk.pressed : t.walk.next(left)}</p>
        <p className="strong num" style={{ fontSize: 15 }}>
          {t.walk.place(fixed(target.x, 1), fixed(target.y, 1))}
        </p>
        <p className="dim">{zone ? t.walk.inZone(zone.name) : t.walk.between}</p>
      </div>
      {since ? (
        <>
          <div className="survey-count" role="status" aria-live="polite">
            <b>{counted?.packets ?? 0}</b>
            <span className="dim">{short ? t.walk.packetsShort : t.walk.packets}</span>
            <span className="grow" />
            <span className="dim num">{short ? t.walk.atMost(Math.ceil(longest - passed)) : t.unit.s(String(Math.max(0, Math.ceil(seconds - passed))))}</span>
          </div>
          <div className="bar" data-tone={(counted?.packets ?? 0) >= (counted?.enough ?? 10) ? 'good' : undefined}>
            <i style={{ width: `${Math.min(100, (passed / seconds) * 100)}%` }} />
          </div>
          <div className="counting" aria-label={t.walk.heardBy}>
            {(counted?.receivers ?? []).slice(0, 5).map(({ receiver, packets, gain_db }) => [
              <span key={receiver} className="mono cut">
                {receiver}
              </span>,
              <span key={`${receiver} bar`} className="bar" aria-hidden>
                <i style={{ width: `${loudness(gain_db) * 100}%` }} />
              </span>,
              <span key={`${receiver} n`} className="num" style={{ textAlign: 'end' }}>
                {packets}
              </span>,
            ])}
          </div>
          {counted && !counted.listening && <p className="small" style={{ color: 'var(--warn)' }}>{t.walk.deafNow}</p>}
          <Button variant="default" className="survey-big" onClick={stop}>
            {t.walk.cancel}
          </Button>
        </>
      ) : (
        <>
          {problem && (
            <p className="error" role="alert" dir="auto">
              {problem}
            </p>
          )}
          <Button className="survey-big" size="md" leftSection={<RadioTower size={18} />} loading={add.isPending} onClick={() => void stand(target)}>
            {t.walk.here}
          </Button>
          <p className="small dim">{t.walk.still(seconds)}</p>
          <div className="row">
            <Button variant="default" onClick={onSkip}>
              {chosen ? t.walk.proposed : t.walk.skip}
            </Button>
            <Button variant="subtle" color="gray" leftSection={<Pause size={14} />} onClick={() => onWalk(false)}>
              {t.walk.stop}
            </Button>
          </div>
          <p className="small dim cut">
            {t.walk.tag} <bdi className="mono">{shortTag(tag)}</bdi>
          </p>
        </>
      )}
    </div>
  )
}

const advice = ({ packets, listening }: SurveyReadings) =>
  !listening ? t.walk.adviceDeaf : packets === 0 ? t.walk.adviceNone : t.walk.adviceFew(packets)

const sleep = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      reject(new DOMException('stopped', 'AbortError'))
    }, { once: true })
  })
