import type { Floor, Shop, ZoneKind } from '@aisle/api'
import { box, corners, fromNanos, isBox, toNanos, zoneKindWord, type Box } from '@aisle/ui'
import { ActionIcon, Button, NumberInput, Select, TextInput } from '@mantine/core'
import { ArrowLeft, Plus, Trash2, X } from 'lucide-react'
import type { ReactNode } from 'react'
import { leading } from './floors'
import { changeCamera, changeCanary, changeEntrance, changeFixture, changeReceiver, changeZone, grid, idFrom, least, moved, movedSpot, renameZone, reshaped, within, type Chosen, type Spot } from './plan'
import type { Editing } from './PlanEditor'
import { withCorner, withMovedCorner, withoutCorner } from './polygon'
import { t } from './words'

interface ThingFieldsProps {
  editing: Editing
  floor: Floor
  chosen: Chosen
  onChoose: (chosen: Chosen | undefined) => void
  onRemove: (chosen: Chosen) => void
  errors: Record<string, string>
}

/** The numbers and names of the one thing that is chosen. */
export function ThingFields(props: ThingFieldsProps) {
  const { chosen, onChoose, onRemove } = props
  return (
    <div className="block">
      <div className="between">
        <span className="row">
          <ActionIcon aria-label={t.backToFloor} onClick={() => onChoose(undefined)}>
            <ArrowLeft className="ahead" size={15} />
          </ActionIcon>
          <h2>{t.kinds[chosen.kind]}</h2>
        </span>
        <Button variant="subtle" color="gray" size="compact-xs" leftSection={<Trash2 size={13} />} onClick={() => onRemove(chosen)}>
          {t.remove}
        </Button>
      </div>
      <Fields {...props} />
    </div>
  )
}

function Fields(props: ThingFieldsProps) {
  switch (props.chosen.kind) {
    case 'zone':
      return <ZoneFields {...props} />
    case 'walls':
      return <WallFields {...props} />
    case 'fixture':
      return <FixtureFields {...props} />
    case 'entrance':
      return <EntranceFields {...props} />
    case 'canary':
      return <CanaryFields {...props} />
    default:
      return <DeviceFields {...props} />
  }
}

const mono = { input: { fontFamily: 'var(--mono)', fontSize: 12, direction: 'ltr' } } as const
const metres = { suffix: t.unit.m(''), decimalScale: 2, step: 0.5 } as const
const number = (value: string | number) => (typeof value === 'number' ? value : undefined)
const kinds = (['sales', 'entrance', 'checkout', 'quiet'] as const).map((value) => ({ value, label: zoneKindWord(value) }))

function ZoneFields({ editing: { shop, change }, floor, chosen, onChoose, errors }: ThingFieldsProps) {
  const at = shop.zones.findIndex(({ id }) => id === chosen.id)
  const zone = shop.zones[at]
  if (!zone) return null
  const around = zone.polygon.length > 2 ? box(zone.polygon) : { x: 0, y: 0, width: 0, height: 0 }
  const error = (field: string): ReactNode => errors[`zones.${at}.${field}`]
  const set = (to: Partial<typeof zone>) => change(changeZone(shop, zone.id, (zone) => ({ ...zone, ...to })))
  const rectangle = isBox(zone.polygon)
  const setBox = (to: Partial<Box>) => {
    const next = { ...around, ...to }
    set({
      polygon: rectangle
        ? corners({ ...next, width: Math.max(least, Math.min(next.width, floor.width_m - next.x)), height: Math.max(least, Math.min(next.height, floor.depth_m - next.y)) })
        : moved(zone.polygon, next.x - around.x, next.y - around.y, floor),
    })
  }
  return (
    <div className="fields">
      <TextInput
        label={t.thing.name}
        required
        value={zone.name}
        error={error('name')}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
        onBlur={() => {
          // A zone that was never kept takes its id from its name.
          if (!/^(zone-\d+|entrance(-\d+)?)$/.test(zone.id) || !zone.name.trim()) return
          const id = idFrom(zone.name, shop.zones.filter((other) => other !== zone).map((other) => other.id), zone.id)
          if (id === zone.id) return
          change(renameZone(shop, zone.id, id))
          onChoose({ kind: 'zone', id })
        }}
      />
      <Select label={t.thing.kind} data={kinds} value={zone.kind} error={error('kind')} onChange={(kind) => kind && set({ kind: kind as ZoneKind })} />
      <TextInput label={t.thing.category} description={t.thing.categoryNote} placeholder={t.thing.categoryPlaceholder} value={zone.category ?? ''} error={error('category')} onChange={({ currentTarget }) => set({ category: currentTarget.value.toLowerCase() })} />
      <NumberInput className="w6" label={t.thing.fromLeft} {...metres} min={0} max={floor.width_m} value={around.x} error={error('polygon')} onChange={(value) => setBox({ x: number(value) ?? around.x })} />
      <NumberInput className="w6" label={t.thing.fromTop} {...metres} min={0} max={floor.depth_m} value={around.y} onChange={(value) => setBox({ y: number(value) ?? around.y })} />
      {rectangle && (
        <>
          <NumberInput className="w6" label={t.thing.width} {...metres} min={least} max={floor.width_m} value={around.width} onChange={(value) => setBox({ width: number(value) ?? around.width })} />
          <NumberInput className="w6" label={t.thing.depth} {...metres} min={least} max={floor.depth_m} value={around.height} onChange={(value) => setBox({ height: number(value) ?? around.height })} />
        </>
      )}
      {shop.floors.length > 1 && <FloorSelect shop={shop} value={zone.floor} onChange={(floor) => set({ floor })} />}
      <NumberInput className="w6" label={t.thing.stay} suffix={t.unit.s('')} placeholder={t.thing.never} min={0} value={fromNanos(zone.dwell_ns) / 1_000 || ''} error={error('dwell_ns')} onChange={(value) => set({ dwell_ns: toNanos((number(value) ?? 0) * 1_000) })} />
      <NumberInput className="w6" label={t.thing.holds} suffix={t.unit.people} placeholder={t.thing.byArea} min={0} allowDecimal={false} value={zone.capacity || ''} error={error('capacity')} onChange={(value) => set({ capacity: number(value) ?? 0 })} />
      <Corners polygon={zone.polygon} floor={floor} onChange={(polygon) => set({ polygon })} error={error('polygon')} />
    </div>
  )
}

function WallFields({ editing: { shop, change }, floor, chosen, errors }: ThingFieldsProps) {
  const at = shop.floors.findIndex(({ id }) => id === chosen.id)
  const outline = shop.floors[at]?.outline
  if (!outline) return null
  return (
    <div className="fields">
      <p className="small dim">{t.thing.walls}</p>
      <Corners polygon={outline} floor={floor} onChange={(polygon) => change(reshaped(shop, { kind: 'walls', id: chosen.id }, polygon))} error={errors[`floors.${at}.outline`]} />
    </div>
  )
}

const fixtureKinds = Object.entries(t.fixtures).map(([value, label]) => ({ value, label }))

function FixtureFields({ editing: { shop, change }, floor, chosen, errors }: ThingFieldsProps) {
  const fixture = shop.fixtures?.[Number(chosen.id)]
  if (!fixture) return null
  const { at, width_m, depth_m } = fixture
  const set = (to: Partial<typeof fixture>) => change(changeFixture(shop, chosen.id, (fixture) => ({ ...fixture, ...to })))
  return (
    <div className="fields">
      <p className="small dim">{t.thing.fixture}</p>
      <Select label={t.thing.kind} data={fixtureKinds} value={fixture.kind || null} placeholder={t.thing.something} onChange={(kind) => kind && set({ kind })} />
      <NumberInput className="w6" label={t.thing.fromLeft} {...metres} min={0} max={floor.width_m} value={at.x} error={errors[`fixtures.${chosen.id}.at`]} onChange={(value) => set({ at: { ...at, x: number(value) ?? at.x } })} />
      <NumberInput className="w6" label={t.thing.fromTop} {...metres} min={0} max={floor.depth_m} value={at.y} onChange={(value) => set({ at: { ...at, y: number(value) ?? at.y } })} />
      <NumberInput className="w6" label={t.thing.width} {...metres} min={grid} max={floor.width_m} value={width_m} error={errors[`fixtures.${chosen.id}.width_m`]} onChange={(value) => set({ width_m: number(value) ?? width_m })} />
      <NumberInput className="w6" label={t.thing.depth} {...metres} min={grid} max={floor.depth_m} value={depth_m} onChange={(value) => set({ depth_m: number(value) ?? depth_m })} />
    </div>
  )
}

/** Every corner as two numbers, for the keyboard and for plans that were measured. */
function Corners({ polygon, floor, onChange, error }: { polygon: { x: number; y: number }[]; floor: Floor; onChange: (polygon: { x: number; y: number }[]) => void; error: ReactNode }) {
  return (
    <fieldset style={{ border: 0, margin: 0, padding: 0, minWidth: 0 }}>
      <legend className="strong" style={{ padding: 0, marginBottom: 6 }}>
        {t.thing.corners}
      </legend>
      {error && <p className="error" dir="auto">{error}</p>}
      <table className="corners">
        <thead>
          <tr>
            <th scope="col">#</th>
            <th scope="col">{t.thing.fromLeft}</th>
            <th scope="col">{t.thing.fromTop}</th>
            <th scope="col">
              <span className="hidden">{t.thing.change}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {polygon.map(({ x, y }, i) => (
            <tr key={i}>
              <td>{i + 1}</td>
              {(['x', 'y'] as const).map((axis) => (
                <td key={axis}>
                  <NumberInput
                    size="xs"
                    hideControls
                    {...metres}
                    aria-label={(axis === 'x' ? t.thing.cornerFromLeft : t.thing.cornerFromTop)(i + 1)}
                    value={axis === 'x' ? x : y}
                    onChange={(value) => typeof value === 'number' && onChange(withMovedCorner(polygon, i, within({ x, y, [axis]: value }, floor)))}
                  />
                </td>
              ))}
              <td>
                <ActionIcon size={24} aria-label={t.thing.addCorner(i + 1)} onClick={() => onChange(withCorner(polygon, i))}>
                  <Plus size={13} />
                </ActionIcon>
                <ActionIcon size={24} aria-label={t.thing.removeCorner(i + 1)} disabled={polygon.length <= 3} onClick={() => onChange(withoutCorner(polygon, i))}>
                  <X size={13} />
                </ActionIcon>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </fieldset>
  )
}

const FloorSelect = ({ shop, value, onChange, label = t.thing.floor }: { shop: Shop; value: string; onChange: (floor: string) => void; label?: string }) => (
  <Select label={label} data={shop.floors.map(({ id, name }) => ({ value: id, label: name }))} value={value} onChange={(floor) => floor && onChange(floor)} allowDeselect={false} />
)

interface PlaceProps {
  shop: Shop
  floor: Floor
  kind: Spot
  id: string
  at: { x: number; y: number }
  change: (shop: Shop) => void
  error: ReactNode
}

/** Where a thing stands, as two numbers. */
function Place({ shop, floor, kind, id, at, change, error }: PlaceProps) {
  const put = (to: Partial<typeof at>) => change(movedSpot(shop, { kind, id }, { ...at, ...to }))
  return (
    <>
      <NumberInput className="w6" label={t.thing.fromLeft} {...metres} min={0} max={floor.width_m} value={at.x} error={error} onChange={(value) => put({ x: number(value) ?? at.x })} />
      <NumberInput className="w6" label={t.thing.fromTop} {...metres} min={0} max={floor.depth_m} value={at.y} onChange={(value) => put({ y: number(value) ?? at.y })} />
    </>
  )
}

function EntranceFields({ editing: { shop, change }, floor, chosen, onChoose, errors }: ThingFieldsProps) {
  const at = (shop.entrances ?? []).findIndex(({ id }) => id === chosen.id)
  const entrance = shop.entrances?.[at]
  if (!entrance) return null
  const error = (field: string): ReactNode => errors[`entrances.${at}.${field}`]
  return (
    <div className="fields">
      <TextInput
        label={t.thing.name}
        required
        styles={mono}
        defaultValue={entrance.id}
        error={error('id')}
        onBlur={({ currentTarget }) => {
          const id = currentTarget.value.trim()
          if (!id || id === entrance.id) return
          change(changeEntrance(shop, entrance.id, (it) => ({ ...it, id })))
          onChoose({ kind: 'entrance', id })
        }}
      />
      <Select
        label={t.thing.leads}
        description={t.thing.leadsNote}
        error={error('leads')}
        data={[{ value: '', label: t.thing.street }, ...shop.floors.filter(({ id }) => id !== entrance.floor).map(({ id, name }) => ({ value: id, label: name }))]}
        value={entrance.leads ?? ''}
        allowDeselect={false}
        onChange={(leads) => change(changeEntrance(shop, entrance.id, (it) => leading(it, leads ?? '')))}
      />
      <Place shop={shop} floor={floor} kind="entrance" id={entrance.id} at={entrance.at} change={change} error={error('at')} />
      {shop.floors.length > 1 && <FloorSelect shop={shop} label={t.thing.isOn} value={entrance.floor} onChange={(floor) => change(changeEntrance(shop, entrance.id, (it) => ({ ...it, floor })))} />}
    </div>
  )
}

function CanaryFields({ editing: { shop, change }, floor, chosen, onChoose, errors }: ThingFieldsProps) {
  const at = (shop.canaries ?? []).findIndex(({ tag }) => tag === chosen.id)
  const canary = shop.canaries?.[at]
  if (!canary) return null
  const error = (field: string): ReactNode => errors[`canaries.${at}.${field}`]
  return (
    <div className="fields">
      <p className="small dim">{t.thing.canary}</p>
      <TextInput
        label={t.thing.tag}
        description={t.thing.tagNote}
        placeholder="iBeacon:e5ca1ade-…-1-2"
        required
        styles={mono}
        defaultValue={canary.tag}
        error={error('tag')}
        onBlur={({ currentTarget }) => {
          const tag = currentTarget.value.trim()
          if (!tag || tag === canary.tag) return
          change(changeCanary(shop, canary.tag, (it) => ({ ...it, tag })))
          onChoose({ kind: 'canary', id: tag })
        }}
      />
      <Place shop={shop} floor={floor} kind="canary" id={canary.tag} at={canary.at} change={change} error={error('at')} />
      {shop.floors.length > 1 && <FloorSelect shop={shop} value={canary.floor} onChange={(floor) => change(changeCanary(shop, canary.tag, (it) => ({ ...it, floor })))} />}
    </div>
  )
}

function DeviceFields({ editing: { shop, change }, floor, chosen, onChoose, errors }: ThingFieldsProps) {
  const list: (Shop['receivers'][number] | Shop['cameras'][number])[] = chosen.kind === 'receiver' ? shop.receivers : shop.cameras
  const at = list.findIndex(({ id }) => id === chosen.id)
  const device = list[at]
  if (!device) return null
  const error = (field: string): ReactNode => errors[`${chosen.kind}s.${at}.${field}`]
  const set = (to: Partial<typeof device>) =>
    change(chosen.kind === 'receiver' ? changeReceiver(shop, chosen.id, (receiver) => ({ ...receiver, ...to })) : changeCamera(shop, chosen.id, (camera) => ({ ...camera, ...to })))
  return (
    <div className="fields">
      <TextInput
        label={chosen.kind === 'receiver' ? t.thing.receiverName : t.thing.cameraName}
        required
        styles={mono}
        defaultValue={device.id}
        error={error('id')}
        onBlur={({ currentTarget }) => {
          const id = currentTarget.value.trim()
          if (!id || id === device.id) return
          set({ id })
          onChoose({ kind: chosen.kind, id })
        }}
      />
      <Select label={t.thing.zone} required data={shop.zones.map(({ id, name }) => ({ value: id, label: name }))} value={device.zone || null} error={error('zone')} onChange={(zone) => zone && set({ zone })} />
      <Place shop={shop} floor={floor} kind={chosen.kind as Spot} id={chosen.id} at={device.at} change={change} error={error('at')} />
      {shop.floors.length > 1 && <FloorSelect shop={shop} value={device.floor} onChange={(floor) => set({ floor })} />}
      {'heading_deg' in device && (
        <NumberInput label={t.thing.looks} description={t.thing.looksNote} suffix="°" step={15} value={device.heading_deg} onChange={(value) => set({ heading_deg: ((number(value) ?? 0) + 360) % 360 })} />
      )}
    </div>
  )
}
