import { useCameraPicture, useSaveGround, type CameraNow, type Point, type Shop } from '@aisle/api'
import { said, toPixels } from '@aisle/ui'
import { Button, FileButton, NumberInput } from '@mantine/core'
import { Camera, ImageUp } from 'lucide-react'
import { useEffect, useState, type PointerEvent } from 'react'
import { PlanSurface } from '../shops/PlanSurface'
import { complete, gridLines, nextStep, shownOf, type Shown } from './ground'
import { t } from './words'

interface GroundEditorProps {
  shop: Shop
  camera: CameraNow
  may: boolean
}

const centimetre = (n: number) => Math.round(n * 100) / 100
const share = (n: number) => Math.round(Math.min(1, Math.max(0, n)) * 1_000) / 1_000

/** Four places of the floor, shown in the camera's picture and on the plan. The picture is in this page only, and gone with it. */
export function GroundEditor({ shop, camera, may }: GroundEditorProps) {
  const floor = shop.floors.find(({ id }) => id === camera.floor) ?? shop.floors[0]
  const [shown, setShown] = useState<Shown[]>(() => shownOf(camera.ground))
  const [chosen, setChosen] = useState(0)
  const [picture, setPicture] = usePicture()
  const take = useCameraPicture(camera.id)
  const save = useSaveGround(camera.id)
  const next = nextStep(shown, chosen)
  const points = complete(shown)
  const changed = JSON.stringify(shown) !== JSON.stringify(shownOf(camera.ground))
  if (!floor) return null

  const show = (point: number, part: Shown) => {
    save.reset()
    const now = shown.map((it, i) => (i === point ? { ...it, ...part } : it))
    setShown(now)
    setChosen(nextStep(now, point)?.point ?? point)
  }
  // Pressing where nothing is missing moves the chosen point.
  const pressed = (where: 'picture' | 'plan') => (next?.where === where ? next.point : next ? undefined : chosen)
  const inPicture = (at: Point) => {
    const point = pressed('picture')
    if (point !== undefined) show(point, { picture: { x: share(at.x), y: share(at.y) } })
  }
  const onPlan = (at: Point) => {
    const point = pressed('plan')
    if (point !== undefined) show(point, { at: { x: centimetre(at.x), y: centimetre(at.y) } })
  }
  const load = () => take.mutate(undefined, { onSuccess: setPicture })

  return (
    <section className="card" aria-label={t.ground.title}>
      <div className="card-head">
        <h2>{t.ground.title}</h2>
        <span className="dim">{camera.ground.length > 0 ? t.ground.known : t.ground.unknown}</span>
      </div>
      {may && (
        <p className="editor-note" data-tone={next ? 'accent' : undefined} role="status">
          {next ? (next.where === 'picture' ? t.ground.inPictureNext : t.ground.onPlanNext)(next.point + 1) : points && changed ? t.ground.check : t.ground.done}
        </p>
      )}
      <div className="ground">
        <section data-next={(may && next?.where === 'picture') || undefined} aria-label={t.ground.inPicture}>
          <h3>{t.ground.inPicture}</h3>
          {picture ? (
            <PictureWithPoints src={picture} shown={shown} chosen={chosen} {...(may && { onPress: inPicture })} />
          ) : (
            <div className="ground-none">
              <p className="dim">{t.ground.pictureNote}</p>
              {take.error && (
                <p className="error" role="alert" dir="auto">
                  {said(take.error)}
                </p>
              )}
              {may && (
                <div className="row">
                  <Button leftSection={<Camera size={15} />} loading={take.isPending} onClick={load}>
                    {t.ground.show}
                  </Button>
                  <FileButton accept="image/*" onChange={(file) => file && setPicture(file)}>
                    {(props) => (
                      <Button variant="default" leftSection={<ImageUp size={15} />} {...props}>
                        {t.ground.mine}
                      </Button>
                    )}
                  </FileButton>
                </div>
              )}
            </div>
          )}
        </section>
        <section data-next={(may && next?.where === 'plan') || undefined} aria-label={t.ground.onPlan}>
          <h3>{t.ground.onPlanOf(floor.name)}</h3>
          <div className="ground-plan">
            <PlanSurface shop={shop} floor={floor} label={t.ground.planLabel(floor.name)} tool={may} {...(may && { onPress: onPlan })}>
              {(view) => (
                <svg data-ground role="img" aria-label={t.ground.points}>
                  {shown.map(({ at }, i) => at && <Dot key={i} at={toPixels(view, at)} number={i + 1} chosen={i === chosen} />)}
                </svg>
              )}
            </PlanSurface>
          </div>
        </section>
      </div>
      {may && (
        <>
          <div className="ground-table">
            {shown.map(({ picture, at }, i) => (
              <fieldset key={i}>
                <legend>{i + 1}</legend>
                <NumberInput className="w4" onFocus={() => setChosen(i)} label={t.ground.fromLeft} suffix=" %" decimalScale={1} min={0} max={100} hideControls value={picture ? picture.x * 100 : ''} onChange={(x) => typeof x === 'number' && show(i, { picture: { x: share(x / 100), y: picture?.y ?? 0.5 } })} />
                <NumberInput className="w4" onFocus={() => setChosen(i)} label={t.ground.fromTop} suffix=" %" decimalScale={1} min={0} max={100} hideControls value={picture ? picture.y * 100 : ''} onChange={(y) => typeof y === 'number' && show(i, { picture: { x: picture?.x ?? 0.5, y: share(y / 100) } })} />
                <NumberInput className="w4" onFocus={() => setChosen(i)} label="x" suffix={t.metres('')} decimalScale={2} hideControls value={at?.x ?? ''} onChange={(x) => typeof x === 'number' && show(i, { at: { x: centimetre(x), y: at?.y ?? 0 } })} />
                <NumberInput className="w4" onFocus={() => setChosen(i)} label="y" suffix={t.metres('')} decimalScale={2} hideControls value={at?.y ?? ''} onChange={(y) => typeof y === 'number' && show(i, { at: { x: at?.x ?? 0, y: centimetre(y) } })} />
              </fieldset>
            ))}
          </div>
          <div className="row" style={{ padding: '0 16px 16px' }}>
            <Button disabled={!points || !changed} loading={save.isPending} onClick={() => points && save.mutate(points)}>
              {t.ground.keep}
            </Button>
            {picture && (
              <Button variant="default" loading={take.isPending} onClick={load}>
                {t.ground.another}
              </Button>
            )}
            {shown.some(({ picture, at }) => picture || at) && (
              <Button
                variant="subtle"
                color="gray"
                onClick={() => {
                  save.reset()
                  setShown(shownOf([]))
                  setChosen(0)
                }}
              >
                {t.ground.anew}
              </Button>
            )}
            {camera.ground.length > 0 && (
              <Button variant="subtle" color="red" loading={save.isPending} onClick={() => save.mutate([])}>
                {t.ground.forget}
              </Button>
            )}
            {save.error && (
              <p className="error" role="alert" dir="auto">
                {said(save.error)}
              </p>
            )}
          </div>
        </>
      )}
    </section>
  )
}

/** A picture's address in this page, which is gone when another comes or the page goes. */
function usePicture(): [string | undefined, (picture: Blob) => void] {
  const [address, setAddress] = useState<string>()
  useEffect(() => () => (address === undefined ? undefined : URL.revokeObjectURL(address)), [address])
  return [address, (picture) => setAddress(URL.createObjectURL(picture))]
}

function PictureWithPoints({ src, shown, chosen, onPress }: { src: string; shown: Shown[]; chosen: number; onPress?: (at: Point) => void }) {
  const [size, setSize] = useState({ width: 16, height: 9 })
  const points = complete(shown)
  const press = (event: PointerEvent<SVGSVGElement>) => {
    const { left, top, width, height } = event.currentTarget.getBoundingClientRect()
    onPress?.({ x: (event.clientX - left) / width, y: (event.clientY - top) / height })
  }
  const wide = 1_000
  const high = (wide * size.height) / size.width
  return (
    <div className="ground-picture" dir="ltr">
      <img src={src} alt={t.ground.pictureAlt} onLoad={({ currentTarget }) => setSize({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })} />
      {/* The keyboard has the fields below. */}
      <svg viewBox={`0 0 ${wide} ${high}`} role="img" aria-label={t.ground.pointsInPicture} onPointerUp={press}>
        {points && gridLines(points).map((line, i) => <polyline key={i} className="ground-grid" points={line.map(({ x, y }) => `${(x * wide).toFixed(1)},${(y * high).toFixed(1)}`).join(' ')} />)}
        {shown.map(({ picture }, i) => picture && <Dot key={i} at={{ x: picture.x * wide, y: picture.y * high }} number={i + 1} chosen={i === chosen} large />)}
      </svg>
    </div>
  )
}

function Dot({ at: { x, y }, number, chosen, large }: { at: Point; number: number; chosen: boolean; large?: boolean }) {
  const radius = large ? 18 : 10
  return (
    <g>
      <circle className="ground-dot" cx={x} cy={y} r={radius} data-chosen={chosen || undefined} />
      <text className="ground-number" x={x} y={y} style={large ? { fontSize: 20 } : undefined}>
        {number}
      </text>
    </g>
  )
}
