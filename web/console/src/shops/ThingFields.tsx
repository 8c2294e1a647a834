import type { Floor, Shop, ZoneKind } from '@aisle/api'
import { box, corners, fromNanos, isBox, toNanos, zoneKindWord, type Box } from '@aisle/ui'
import { ActionIcon, Button, NumberInput, Select, TextInput } from '@mantine/core'
import { ArrowLeft, Trash2 } from 'lucide-react'
import type { ReactNode } from 'react'
import { changeCamera, changeReceiver, changeZone, idFrom, least, moved, renameZone, within, type Chosen } from './plan'
import type { Editing } from './PlanEditor'

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
  const names = { zone: 'Zone', receiver: 'Receiver', camera: 'Camera' }
  return (
    <div className="block">
      <div className="between">
        <span className="row">
          <ActionIcon aria-label="Back to everything on this floor" onClick={() => onChoose(undefined)}>
            <ArrowLeft size={15} />
          </ActionIcon>
          <h2>{names[chosen.kind]}</h2>
        </span>
        <Button variant="subtle" color="gray" size="compact-xs" leftSection={<Trash2 size={13} />} onClick={() => onRemove(chosen)}>
          Remove
        </Button>
      </div>
      {chosen.kind === 'zone' ? <ZoneFields {...props} /> : <DeviceFields {...props} />}
    </div>
  )
}

const metres = { suffix: ' m', decimalScale: 2, step: 0.5 } as const
const number = (value: string | number) => (typeof value === 'number' ? value : undefined)
const kinds = (['sales', 'entrance', 'checkout', 'quiet'] as const).map((value) => ({ value, label: zoneKindWord[value] }))

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
        label="Name"
        required
        value={zone.name}
        error={error('name')}
        onChange={({ currentTarget }) => set({ name: currentTarget.value })}
        onBlur={() => {
          // A zone that was never kept takes its id from its name.
          if (!/^(zone-\d+|entrance(-\d+)?)$/.test(zone.id) || !zone.name.trim()) return
          const id = idFrom(zone.name, shop.zones.filter((other) => other !== zone).map((other) => other.id))
          if (id === zone.id) return
          change(renameZone(shop, zone.id, id))
          onChoose({ kind: 'zone', id })
        }}
      />
      <Select label="Kind" data={kinds} value={zone.kind} error={error('kind')} onChange={(kind) => kind && set({ kind: kind as ZoneKind })} />
      <TextInput label="Category" description="of what is sold there, as your web shop spells it" placeholder="footwear" value={zone.category ?? ''} error={error('category')} onChange={({ currentTarget }) => set({ category: currentTarget.value.toLowerCase() })} />
      <NumberInput className="w6" label="From the left" {...metres} min={0} max={floor.width_m} value={around.x} error={error('polygon')} onChange={(value) => setBox({ x: number(value) ?? around.x })} />
      <NumberInput className="w6" label="From the top" {...metres} min={0} max={floor.depth_m} value={around.y} onChange={(value) => setBox({ y: number(value) ?? around.y })} />
      {rectangle && (
        <>
          <NumberInput className="w6" label="Width" {...metres} min={least} max={floor.width_m} value={around.width} onChange={(value) => setBox({ width: number(value) ?? around.width })} />
          <NumberInput className="w6" label="Depth" {...metres} min={least} max={floor.depth_m} value={around.height} onChange={(value) => setBox({ height: number(value) ?? around.height })} />
        </>
      )}
      <NumberInput className="w6" label="A stay counts from" suffix=" s" placeholder="Never" min={0} value={fromNanos(zone.dwell_ns) / 1_000 || ''} error={error('dwell_ns')} onChange={(value) => set({ dwell_ns: toNanos((number(value) ?? 0) * 1_000) })} />
      <NumberInput className="w6" label="Holds" suffix=" people" placeholder="By its area" min={0} allowDecimal={false} value={zone.capacity || ''} error={error('capacity')} onChange={(value) => set({ capacity: number(value) ?? 0 })} />
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
        label={chosen.kind === 'receiver' ? 'Name, as it calls itself on MQTT' : 'Name, as the vision process calls it'}
        required
        className="mono"
        defaultValue={device.id}
        error={error('id')}
        onBlur={({ currentTarget }) => {
          const id = currentTarget.value.trim()
          if (!id || id === device.id) return
          set({ id })
          onChoose({ kind: chosen.kind, id })
        }}
      />
      <Select label="Zone" required data={shop.zones.map(({ id, name }) => ({ value: id, label: name }))} value={device.zone || null} error={error('zone')} onChange={(zone) => zone && set({ zone })} />
      <NumberInput className="w6" label="From the left" {...metres} min={0} max={floor.width_m} value={device.at.x} onChange={(value) => set({ at: within({ ...device.at, x: number(value) ?? device.at.x }, floor) })} />
      <NumberInput className="w6" label="From the top" {...metres} min={0} max={floor.depth_m} value={device.at.y} onChange={(value) => set({ at: within({ ...device.at, y: number(value) ?? device.at.y }, floor) })} />
      {'heading_deg' in device && (
        <NumberInput label="Looks towards" description="0° is to the right, 90° down" suffix="°" step={15} value={device.heading_deg} onChange={(value) => set({ heading_deg: ((number(value) ?? 0) + 360) % 360 })} />
      )}
    </div>
  )
}
