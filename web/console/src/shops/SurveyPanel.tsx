import './shops.css'
import { useForgetSurvey, useMay, useSurvey, type Floor, type Point, type Shop, type Survey, type SurveyError, type SurveyPoint } from '@aisle/api'
import { ago, Empty, fixed, toPixels, useNow, type View } from '@aisle/ui'
import { Button, Switch } from '@mantine/core'
import { modals } from '@mantine/modals'
import { useLocalStorage } from '@mantine/hooks'
import { useState } from 'react'
import { Loaded } from '../Page'
import { done, failed } from '../say'
import { place } from './plan'
import { PlanSurface } from './PlanSurface'
import { distance } from './polygon'
import { coverage, grade, left, nextPlace, places } from './survey'
import { SurveyWalk } from './SurveyWalk'
import { t } from './words'

/** Walking through the shop with a tag, so that the house learns how its receivers hear it where. */
export function SurveyPanel({ shop }: { shop: Shop }) {
  const asked = useSurvey(shop.id)
  const [floorID, setFloor] = useState<string>()
  const floor = shop.floors.find(({ id }) => id === floorID) ?? shop.floors[0]
  if (!floor || shop.receivers.length === 0) {
    return (
      <div className="card">
        <Empty title={t.survey.noReceiver}>{t.survey.noReceiverMore}</Empty>
      </div>
    )
  }
  return (
    <Loaded of={asked} height={620}>
      {(survey) => <FloorSurvey key={floor.id} shop={shop} floor={floor} survey={survey} onFloor={setFloor} />}
    </Loaded>
  )
}

interface FloorSurveyProps {
  shop: Shop
  floor: Floor
  survey: Survey
  onFloor: (id: string) => void
}

function FloorSurvey({ shop, floor, survey, onFloor }: FloorSurveyProps) {
  const may = useMay('marketer', 'admin')
  const [step, setStep] = useLocalStorage<number>({ key: 'aisle survey step', defaultValue: 3 })
  const [target, setTarget] = useState<Point>()
  const [walking, setWalking] = useState(false)
  const [skipped, setSkipped] = useState<Point[]>([])
  const [chosen, choose] = useState<Point>()
  const [arrows, setArrows] = useState(true)
  const points = survey.points.filter((point) => point.floor === floor.id)
  const all = places(shop, floor, step)
  const open = left(all, points, step)
  const stood = points.reduce<SurveyPoint | undefined>((latest, point) => (!latest || point.taken >= latest.taken ? point : latest), undefined)
  const next = target ?? (walking ? nextPlace(open, stood?.at, skipped) : undefined)
  const share = coverage(all, points, step)
  const shown = chosen && points.find(({ at }) => distance(at, chosen) < 0.01)
  const fit = survey.floors.find((it) => it.floor === floor.id)

  return (
    <div className="survey">
      <section className="card editor-main" aria-label={t.survey.where}>
        <div className="editor-bar floor-tabs">
          {shop.floors.map(({ id, name }) => (
            <Button key={id} size="compact-sm" variant={id === floor.id ? 'light' : 'subtle'} color={id === floor.id ? 'iris' : 'gray'} aria-pressed={id === floor.id} onClick={() => onFloor(id)}>
              {name}
            </Button>
          ))}
          <span className="grow" />
          <Switch size="xs" label={t.survey.errors} checked={arrows} onChange={({ currentTarget }) => setArrows(currentTarget.checked)} />
        </div>
        <div className="survey-plan">
          <PlanSurface
            shop={shop}
            floor={floor}
            label={t.survey.planOf(floor.name, points.length)}
            tool={may}
            onPress={(at) => {
              choose(undefined)
              if (!may) return
              setTarget({ x: Math.round(at.x * 10) / 10, y: Math.round(at.y * 10) / 10 })
              setWalking(true)
            }}
          >
            {(view: View) => (
              <svg data-ground role="group" aria-label={t.survey.points}>
                {walking && open.map(({ x, y }) => <Ring key={`${x} ${y}`} at={toPixels(view, { x, y })} />)}
                {arrows && points.map((point, i) => point.found && <Heat key={i} point={point} view={view} />)}
                {points.map((point) => (
                  <Walked key={`${point.at.x} ${point.at.y}`} point={point} view={view} arrows={arrows} chosen={shown === point} onChoose={() => choose(point.at)} />
                ))}
                {next && <Next at={toPixels(view, next)} />}
              </svg>
            )}
          </PlanSurface>
        </div>
        <div className="legend">
          <span>
            <i data-grade="good" /> {t.survey.good}
          </span>
          <span>
            <i data-grade="fair" /> {t.survey.fair}
          </span>
          <span>
            <i data-grade="poor" /> {t.survey.poor}
          </span>
          <span>
            <i /> {t.survey.notJudged}
          </span>
          <span className="grow" />
          <span>{t.survey.arrows}</span>
        </div>
      </section>
      <section className="card survey-side" aria-label={t.survey.title}>
        <Progress floor={floor} fit={fit} share={share} done={all.length - open.length} of={all.length} />
        {shown ? (
          <PointFacts
            shop={shop.id}
            point={shown}
            may={may}
            onAgain={() => {
              setTarget(shown.at)
              setWalking(true)
              choose(undefined)
            }}
            onClose={() => choose(undefined)}
          />
        ) : may ? (
          <SurveyWalk
            shop={shop}
            floor={floor}
            walking={walking}
            target={next}
            chosen={target !== undefined}
            left={open.length}
            step={step}
            onStep={setStep}
            onWalk={(on) => {
              setWalking(on)
              setTarget(undefined)
            }}
            onSkip={() => {
              if (next && !target) setSkipped([...skipped, next])
              setTarget(undefined)
            }}
            onDone={() => setTarget(undefined)}
          />
        ) : (
          <p className="block dim">{t.survey.mayNot}</p>
        )}
        {may && points.length > 0 && !walking && !shown && <Forget shop={shop.id} floor={floor} n={points.length} />}
      </section>
    </div>
  )
}

function Progress({ floor, fit, share, done, of }: { floor: Floor; fit: SurveyError | undefined; share: number; done: number; of: number }) {
  const judged = fit && fit.measured > 0
  return (
    <div className="block">
      <div className="between">
        <h2>{floor.name}</h2>
        <span className="dim num small">
          {t.survey.places(done, of)}
        </span>
      </div>
      <div className="bar" data-tone={share >= 1 ? 'good' : undefined} role="progressbar" aria-label={t.survey.walked} aria-valuenow={Math.round(share * 100)} aria-valuemin={0} aria-valuemax={100}>
        <i style={{ width: `${share * 100}%` }} />
      </div>
      <dl className="facts num">
        <dt>{t.survey.pointCount}</dt>
        <dd>{fit?.points ?? 0}</dd>
        <dt>{t.survey.median}</dt>
        <dd>{judged ? t.unit.m(fixed(fit.p50_m, 1)) : '–'}</dd>
        <dt>{t.survey.nine}</dt>
        <dd>{judged ? t.unit.m(fixed(fit.p90_m, 1)) : '–'}</dd>
        {judged && fit.wrong_floor > 0 && (
          <>
            <dt>{t.survey.wrongFloor}</dt>
            <dd>{fit.wrong_floor}</dd>
          </>
        )}
      </dl>
      <p className="small dim">{judged ? t.survey.judged : t.survey.fromSix}</p>
    </div>
  )
}

const Ring = ({ at }: { at: Point }) => <circle className="place" cx={at.x} cy={at.y} r="6" />

const Next = ({ at }: { at: Point }) => (
  <>
    <circle className="next-pulse" cx={at.x} cy={at.y} r="10" />
    <circle className="next" cx={at.x} cy={at.y} r="9" />
  </>
)

const gradeOf = (point: SurveyPoint) => point.found && (point.found.floor === point.floor ? grade(point.found.error_m) : 'poor')

const Heat = ({ point, view }: { point: SurveyPoint; view: View }) => {
  const { x, y } = toPixels(view, point.at)
  return <circle className="spot-heat" data-grade={gradeOf(point)} cx={x} cy={y} r={Math.max(8, 1.2 * view.scale)} />
}

function Walked({ point, view, arrows, chosen, onChoose }: { point: SurveyPoint; view: View; arrows: boolean; chosen: boolean; onChoose: () => void }) {
  const { x, y } = toPixels(view, point.at)
  const to = arrows && point.found && point.found.floor === point.floor ? toPixels(view, point.found.at) : undefined
  const says = point.found ? (point.found.floor === point.floor ? t.survey.foundOff(fixed(point.found.error_m, 1)) : t.survey.foundElsewhere) : t.survey.notJudged
  return (
    <g
      className="walked"
      data-grade={gradeOf(point)}
      role="button"
      tabIndex={0}
      aria-pressed={chosen}
      aria-label={t.survey.pointSays(place(point.at), says)}
      onPointerDown={(event) => event.stopPropagation()}
      onClick={onChoose}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        onChoose()
      }}
    >
      {to && <Arrow from={{ x, y }} to={to} />}
      <circle cx={x} cy={y} r="4.5" />
      <circle className="reach" cx={x} cy={y} r="12" />
      <title>{says}</title>
    </g>
  )
}

function Arrow({ from, to }: { from: Point; to: Point }) {
  const length = distance(from, to)
  if (length < 7) return null
  const angle = Math.atan2(to.y - from.y, to.x - from.x)
  const wing = (turn: number) => `L${to.x - 6 * Math.cos(angle + turn)} ${to.y - 6 * Math.sin(angle + turn)}`
  return <path d={`M${from.x} ${from.y}L${to.x} ${to.y}M${to.x} ${to.y}${wing(0.5)}M${to.x} ${to.y}${wing(-0.5)}`} />
}

interface PointFactsProps {
  shop: string
  point: SurveyPoint
  may: boolean
  onAgain: () => void
  onClose: () => void
}

const shownHeard = 8

function PointFacts({ shop, point, may, onAgain, onClose }: PointFactsProps) {
  const forget = useForgetSurvey(shop)
  const now = useNow(30_000)
  const remove = () =>
    forget.mutate(
      { floor: point.floor, at: point.at },
      {
        onSuccess: () => {
          done(t.survey.pointRemoved)
          onClose()
        },
        onError: failed,
      },
    )
  return (
    <div className="block">
      <h2 className="num">{t.survey.pointAt(place(point.at))}</h2>
      <dl className="facts num">
        <dt>{t.survey.taken}</dt>
        <dd>{ago(point.taken, now)}</dd>
        <dt>{t.survey.found}</dt>
        <dd>{point.found ? (point.found.floor === point.floor ? t.survey.off(fixed(point.found.error_m, 1)) : t.survey.elsewhere) : t.survey.notJudged}</dd>
      </dl>
      <table className="corners" aria-label={t.survey.heardTitle}>
        <thead>
          <tr>
            <th scope="col">{t.survey.receiver}</th>
            <th scope="col">{t.survey.packets}</th>
            <th scope="col">{t.survey.gain}</th>
            <th scope="col">{t.survey.law}</th>
          </tr>
        </thead>
        <tbody>
          {point.heard.slice(0, shownHeard).map(({ receiver, packets, gain_db, residual_db }) => (
            <tr key={receiver}>
              <td className="mono" style={{ width: 'auto' }}>
                {receiver}
              </td>
              <td>{packets}</td>
              <td>{t.unit.dB(gain_db.toFixed(0))}</td>
              <td style={{ width: 'auto' }}>{residual_db === undefined ? '–' : t.unit.dB(`${residual_db > 0 ? '+' : ''}${residual_db.toFixed(0)}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {point.heard.length > shownHeard && <p className="small dim">{t.survey.softer(point.heard.length - shownHeard)}</p>}
      <div className="row" style={{ flexWrap: 'wrap' }}>
        {may && (
          <>
            <Button onClick={onAgain}>{t.survey.again}</Button>
            <Button variant="default" loading={forget.isPending} onClick={remove}>
              {t.remove}
            </Button>
          </>
        )}
        <Button variant="subtle" color="gray" onClick={onClose}>
          {t.close}
        </Button>
      </div>
    </div>
  )
}

function Forget({ shop, floor, n }: { shop: string; floor: Floor; n: number }) {
  const forget = useForgetSurvey(shop)
  const ask = () =>
    modals.openConfirmModal({
      title: t.survey.forgetTitle(floor.name),
      children: <p className="dim">{t.survey.forgetMore(n)}</p>,
      labels: { confirm: t.survey.forgetIt, cancel: t.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => void forget.mutateAsync({ floor: floor.id }).then(() => done(t.survey.forgotten), failed),
    })
  return (
    <div className="block" style={{ marginTop: 'auto' }}>
      <Button variant="subtle" color="gray" onClick={ask} style={{ justifySelf: 'start' }}>
        {t.survey.forget}
      </Button>
    </div>
  )
}
