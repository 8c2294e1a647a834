import type { Shop, Zone } from '@aisle/api'
import { area, box, FloorPlan, plural, toMetres, type View } from '@aisle/ui'
import { Button, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { Camera, Plus, RadioTower, Redo2, Square, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { mistakesIn, withDevice, withZone, without, type Chosen } from './plan'
import { PlanGrips } from './PlanGrips'
import { ThingFields } from './ThingFields'

/** A plan as it is being changed, with the way back. */
export interface Editing {
  shop: Shop
  change: (shop: Shop) => void
  /** Many small changes that are one, while something is drawn. */
  preview: (shop: Shop) => void
  undo: (() => void) | undefined
  redo: (() => void) | undefined
  dirty: boolean
  reset: (shop: Shop) => void
}

const deepest = 100

/** Keeps what a plan was, so that each change can be taken back. */
export function useEditing(saved: Shop): Editing {
  const [{ past, shop, future }, set] = useState<{ past: Shop[]; shop: Shop; future: Shop[] }>({ past: [], shop: saved, future: [] })
  const [before, setBefore] = useState<Shop>()
  const last = past.at(-1)
  const [next] = future
  return {
    shop,
    change(to) {
      set({ past: [...past, before ?? shop].slice(-deepest), shop: to, future: [] })
      setBefore(undefined)
    },
    preview(to) {
      setBefore((was) => was ?? shop)
      set({ past, shop: to, future })
    },
    undo: last && (() => set({ past: past.slice(0, -1), shop: last, future: [shop, ...future] })),
    redo: next && (() => set({ past: [...past, shop], shop: next, future: future.slice(1) })),
    dirty: shop !== saved,
    reset: (to) => set({ past: [], shop: to, future: [] }),
  }
}

interface PlanEditorProps {
  editing: Editing
  /** What the server has against which field. */
  errors?: Record<string, string>
}

/** The plan of one floor, to be drawn by mouse, by keyboard or by numbers. */
export function PlanEditor({ editing, errors = {} }: PlanEditorProps) {
  const { shop, change } = editing
  const [chosen, choose] = useState<Chosen>()
  const [floorID, setFloor] = useState<string>()
  const floor = shop.floors.find(({ id }) => id === floorID) ?? shop.floors[0]!
  const mistakes = mistakesIn(shop)
  useHotkeys([
    ['mod+Z', () => editing.undo?.()],
    ['mod+shift+Z', () => editing.redo?.()],
  ])
  const wrong = new Set(mistakes.flatMap(({ of }) => (of ? [`${of.kind} ${of.id}`] : [])))

  const add = (made: { shop: Shop; chosen: Chosen }) => {
    change(made.shop)
    choose(made.chosen)
  }
  const remove = (thing: Chosen) => {
    change(without(shop, thing))
    choose(undefined)
  }

  return (
    <div className="editor">
      <section className="card" aria-label="Floor plan">
        <div className="editor-bar">
          <Button variant="default" leftSection={<Plus size={13} />} onClick={() => add(withZone(shop, floor.id))}>
            Zone
          </Button>
          <Button variant="default" leftSection={<Plus size={13} />} onClick={() => add(withDevice(shop, 'receiver', floor.id))}>
            Receiver
          </Button>
          <Button variant="default" leftSection={<Plus size={13} />} onClick={() => add(withDevice(shop, 'camera', floor.id))}>
            Camera
          </Button>
          <span className="grow" />
          {shop.floors.length > 1 &&
            shop.floors.map(({ id, name }) => (
              <Button key={id} size="compact-xs" variant={id === floor.id ? 'light' : 'subtle'} aria-pressed={id === floor.id} onClick={() => setFloor(id)}>
                {name}
              </Button>
            ))}
          <Tooltip label="Undo (Ctrl Z)">
            <Button variant="default" px={8} aria-label="Undo" disabled={!editing.undo} onClick={editing.undo}>
              <Undo2 size={14} />
            </Button>
          </Tooltip>
          <Tooltip label="Redo (Ctrl Shift Z)">
            <Button variant="default" px={8} aria-label="Redo" disabled={!editing.redo} onClick={editing.redo}>
              <Redo2 size={14} />
            </Button>
          </Tooltip>
        </div>
        <div className="editor-plan">
          <FloorPlan shop={shop} floor={floor} label={`${floor.name}, ${floor.width_m} by ${floor.depth_m} metres`}>
            {(view: View) => <PlanGrips editing={editing} floor={floor} view={view} chosen={chosen} onChoose={choose} onRemove={remove} wrong={wrong} toPlan={(point) => toMetres(view, point)} />}
          </FloorPlan>
        </div>
        <p className="list-foot">Drag to move, drag a corner to resize; or use arrow keys (half a metre, with Shift a tenth) and the fields beside it. Delete removes.</p>
      </section>
      <section className="card editor-side" aria-label="What is on the plan">
        {chosen ? (
          <ThingFields key={`${chosen.kind} ${chosen.id}`} editing={editing} floor={floor} chosen={chosen} onChoose={choose} onRemove={remove} errors={errors} />
        ) : (
          <Things shop={shop} floor={floor.id} onChoose={choose} />
        )}
        {mistakes.length > 0 && (
          <ul className="stack small" style={{ padding: '10px 14px', gap: 4, marginTop: 'auto', borderTop: '1px solid var(--line)' }} aria-label="What is to be mended">
            {mistakes.slice(0, 6).map(({ of, message }, i) => (
              <li key={i} className="error">
                {of ? (
                  <button type="button" className="sort" style={{ color: 'inherit', textAlign: 'left' }} onClick={() => choose(of)}>
                    {message}
                  </button>
                ) : (
                  message
                )}
              </li>
            ))}
            {mistakes.length > 6 && <li className="dim">and {mistakes.length - 6} more</li>}
          </ul>
        )}
      </section>
    </div>
  )
}

const size = (zone: Zone) => {
  if (zone.polygon.length < 3) return ''
  const { width, height } = box(zone.polygon)
  return `${width} × ${height} m, ${Math.round(area(zone.polygon))} m²`
}

function Things({ shop, floor, onChoose }: { shop: Shop; floor: string; onChoose: (chosen: Chosen) => void }) {
  const zones = shop.zones.filter((zone) => zone.floor === floor)
  return (
    <div className="things">
      <div className="card-head">
        <h2>On this floor</h2>
        <span className="dim num">
          {plural(zones.length, 'zone')}, {plural(shop.receivers.length, 'receiver')}, {plural(shop.cameras.length, 'camera')}
        </span>
      </div>
      {zones.length === 0 && <p className="dim small" style={{ padding: '0 14px 14px' }}>Begin with the entrance: press “Zone”. Then add the zones where shoppers stay, and a receiver or a camera for each.</p>}
      {zones.map((zone) => (
        <button key={zone.id} type="button" onClick={() => onChoose({ kind: 'zone', id: zone.id })}>
          <Square size={14} aria-hidden />
          <span className="cut grow">{zone.name || 'Unnamed'}</span>
          <span className="dim small num">{size(zone)}</span>
        </button>
      ))}
      {shop.receivers
        .filter((receiver) => receiver.floor === floor)
        .map(({ id }) => (
          <button key={id} type="button" onClick={() => onChoose({ kind: 'receiver', id })}>
            <RadioTower size={14} aria-hidden />
            <span className="cut grow mono">{id}</span>
          </button>
        ))}
      {shop.cameras
        .filter((camera) => camera.floor === floor)
        .map(({ id }) => (
          <button key={id} type="button" onClick={() => onChoose({ kind: 'camera', id })}>
            <Camera size={14} aria-hidden />
            <span className="cut grow mono">{id}</span>
          </button>
        ))}
    </div>
  )
}
