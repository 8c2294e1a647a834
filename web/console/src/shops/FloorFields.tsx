import { Problem, useAddPicture, type Floor } from '@aisle/api'
import { fixed, said } from '@aisle/ui'
import { ActionIcon, Button, FileButton, NumberInput, Slider, TextInput } from '@mantine/core'
import { modals } from '@mantine/modals'
import { ArrowDown, ArrowLeft, ArrowUp, Image, Ruler, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { failed } from '../say'
import { changeFloor, fittedToPicture, movedFloor, onFloor, scaled, withoutFloor, withoutPicture, withPicture } from './floors'
import type { Chosen } from './plan'
import type { Editing, Tool } from './PlanEditor'
import { distance } from './polygon'
import { t } from './words'

interface FloorFieldsProps {
  editing: Editing
  id: string
  tool: Tool | undefined
  onTool: (tool: Tool | undefined) => void
  onShow: (id: string | undefined) => void
  onChoose: (chosen: Chosen | undefined) => void
  errors: Record<string, string>
}

/** The name, the size, the place in the list and the picture of one floor. */
export function FloorFields({ editing: { shop, change, preview }, id, tool, onTool, onShow, onChoose, errors }: FloorFieldsProps) {
  const at = shop.floors.findIndex((floor) => floor.id === id)
  const floor = shop.floors[at]
  if (!floor) return null
  const set = (to: (floor: Floor) => Floor) => change(changeFloor(shop, id, to))
  const remove = () => {
    const gone = () => {
      change(withoutFloor(shop, id))
      onShow(undefined)
      onChoose(undefined)
    }
    const goes = onFloor(shop, id)
    if (!goes) return gone()
    modals.openConfirmModal({
      title: t.removeTitle(floor.name),
      children: <p className="dim">{t.floor.removeMore(goes)}</p>,
      labels: { confirm: t.removeIt, cancel: t.cancel },
      confirmProps: { color: 'red' },
      onConfirm: gone,
    })
  }
  return (
    <div className="block">
      <div className="between">
        <span className="row">
          <ActionIcon aria-label={t.backToFloor} onClick={() => onChoose(undefined)}>
            <ArrowLeft className="ahead" size={15} />
          </ActionIcon>
          <h2>{t.kinds.floor}</h2>
        </span>
        <span className="row" style={{ gap: 2 }}>
          <ActionIcon aria-label={t.floor.earlier} disabled={at === 0} onClick={() => change(movedFloor(shop, id, -1))}>
            <ArrowUp size={14} />
          </ActionIcon>
          <ActionIcon aria-label={t.floor.later} disabled={at === shop.floors.length - 1} onClick={() => change(movedFloor(shop, id, 1))}>
            <ArrowDown size={14} />
          </ActionIcon>
          <ActionIcon aria-label={t.floor.remove} disabled={shop.floors.length === 1} onClick={remove}>
            <Trash2 size={14} />
          </ActionIcon>
        </span>
      </div>
      <div className="fields">
        <TextInput label={t.floor.name} required value={floor.name} error={errors[`floors.${at}.name`]} onChange={({ currentTarget }) => set((floor) => ({ ...floor, name: currentTarget.value }))} />
        <NumberInput className="w6" label={t.floor.width} suffix={t.unit.m('')} min={1} decimalScale={2} value={floor.width_m} error={errors[`floors.${at}.width_m`]} onChange={(value) => typeof value === 'number' && set((floor) => ({ ...floor, width_m: value }))} />
        <NumberInput className="w6" label={t.floor.depth} suffix={t.unit.m('')} min={1} decimalScale={2} value={floor.depth_m} error={errors[`floors.${at}.depth_m`]} onChange={(value) => typeof value === 'number' && set((floor) => ({ ...floor, depth_m: value }))} />
      </div>
      <PictureFields shopID={shop.id} floor={floor} error={errors[`floors.${at}.image`] ?? errors[`floors.${at}.picture`]} tool={tool} onTool={onTool} onSet={set} onPreview={(to) => preview(changeFloor(shop, id, to))} onFit={() => change(fittedToPicture(shop, id))} />
    </div>
  )
}

interface PictureFieldsProps {
  shopID: string
  floor: Floor
  error: string | undefined
  tool: Tool | undefined
  onTool: (tool: Tool | undefined) => void
  onSet: (to: (floor: Floor) => Floor) => void
  onPreview: (to: (floor: Floor) => Floor) => void
  onFit: () => void
}

const most = 2 * 1024 * 1024

/** The architect's drawing, or a photograph of the fire escape plan, under the floor. */
function PictureFields({ shopID, floor, error, tool, onTool, onSet, onPreview, onFit }: PictureFieldsProps) {
  const add = useAddPicture(shopID)
  const [really, setReally] = useState<number | string>('')
  const { picture } = floor
  const points = tool?.does === 'measure' ? tool.points : undefined
  const upload = (file: File | null) => {
    if (!file) return
    if (file.size > most) return failed(new Problem(413, t.floor.tooLarge(file.name, fixed(file.size / 1024 / 1024, 1))))
    add.mutate(file, { onSuccess: ({ image, width, height }) => onSet((floor) => withPicture(floor, image, { width, height })) })
  }
  return (
    <div className="stack" role="group" aria-label={t.floor.pictureTitle}>
      <div className="between">
        <h3>{t.floor.picture}</h3>
        <span className="row" style={{ gap: 6 }}>
          <FileButton accept="image/png,image/jpeg,image/webp" onChange={upload}>
            {(props) => (
              <Button {...props} variant="default" size="compact-xs" leftSection={<Image size={13} />} loading={add.isPending}>
                {floor.image ? t.floor.another : t.floor.add}
              </Button>
            )}
          </FileButton>
          {floor.image && (
            <Button variant="subtle" color="gray" size="compact-xs" onClick={() => onSet(withoutPicture)}>
              {t.remove}
            </Button>
          )}
        </span>
      </div>
      {(add.error || error) && (
        <p className="error" role="alert" dir="auto">
          {error ?? said(add.error)}
        </p>
      )}
      {!floor.image && <p className="small dim">{t.floor.none}</p>}
      {floor.image && picture && (
        <>
          <div>
            <p className="small dim">{t.floor.strength}</p>
            <Slider
              size="sm"
              min={0.1}
              max={1}
              step={0.05}
              label={(value) => t.unit.percent(String(Math.round(value * 100)))}
              thumbLabel={t.floor.strengthOf}
              value={picture.opacity || 0.6}
              onChange={(opacity) => onPreview((floor) => ({ ...floor, picture: { ...picture, opacity } }))}
              onChangeEnd={(opacity) => onSet((floor) => ({ ...floor, picture: { ...picture, opacity } }))}
            />
          </div>
          {points ? (
            <div className="stack" style={{ gap: 8 }}>
              <p className="small" role="status">
                {points.length === 0 ? t.floor.firstPoint : points.length === 1 ? t.floor.secondPoint : t.floor.really}
              </p>
              {points.length === 2 && (
                <form
                  className="row"
                  onSubmit={(event) => {
                    event.preventDefault()
                    onSet((floor) => scaled(floor, points[0]!, points[1]!, Number(really)))
                    setReally('')
                    onTool(undefined)
                  }}
                >
                  <NumberInput className="grow" aria-label={t.floor.distance} suffix={t.unit.m('')} min={0.1} decimalScale={2} placeholder={t.drawing.metresNow(fixed(distance(points[0]!, points[1]!), 2))} value={really} onChange={setReally} data-autofocus autoFocus />
                  <Button type="submit" disabled={!(Number(really) > 0)}>
                    {t.floor.scale}
                  </Button>
                </form>
              )}
              <Button variant="subtle" color="gray" size="compact-xs" onClick={() => onTool(undefined)} style={{ justifySelf: 'start' }}>
                {t.cancel}
              </Button>
            </div>
          ) : (
            <span className="row" style={{ flexWrap: 'wrap' }}>
              <Button variant="default" size="compact-xs" leftSection={<Ruler size={13} />} onClick={() => onTool({ does: 'measure', points: [] })}>
                {t.floor.scaleBy}
              </Button>
              <Button variant="default" size="compact-xs" onClick={onFit}>
                {t.floor.fit}
              </Button>
            </span>
          )}
          <div className="fields">
            {(
              [
                [t.thing.fromLeft, picture.at.x, (x: number) => ({ at: { ...picture.at, x } })],
                [t.thing.fromTop, picture.at.y, (y: number) => ({ at: { ...picture.at, y } })],
                [t.floor.itsWidth, picture.width_m, (width_m: number) => ({ width_m, depth_m: Math.round((picture.depth_m / picture.width_m) * width_m * 100) / 100 })],
                [t.floor.itsDepth, picture.depth_m, (depth_m: number) => ({ depth_m })],
              ] as const
            ).map(([label, value, to]) => (
              <NumberInput key={label} className="w6" size="xs" label={label} suffix={t.unit.m('')} step={0.1} decimalScale={2} value={value} onChange={(value) => typeof value === 'number' && onSet((floor) => ({ ...floor, picture: { ...picture, ...to(value) } }))} />
            ))}
          </div>
        </>
      )}
    </div>
  )
}
