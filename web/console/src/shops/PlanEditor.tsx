import type { Floor, Point, Shop, SurveyPoint } from '@aisle/api'
import { area, box, plural, type View } from '@aisle/ui'
import { Button, Menu, Switch, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { BrickWall, Camera, ChevronDown, CircleAlert, DoorOpen, Layers, LibraryBig, PenLine, Plus, RadioTower, Redo2, Square, Triangle, TriangleAlert, Undo2 } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { FloorFields } from './FloorFields'
import { withFloor } from './floors'
import { fixtureName, floorOfThing, kindWord, mistakesIn, shapesOn, spotsOn, thingAt, warningsIn, withFixture, withSpot, withWalls, withZone, without, type Chosen, type Mistake, type Shape, type Spot } from './plan'
import { aim, PlanDrawing } from './PlanDrawing'
import { PlanGrips } from './PlanGrips'
import { PlanMeasure } from './PlanMeasure'
import { PlanSurface } from './PlanSurface'
import { canClose, distance, tidied } from './polygon'
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
  const [{ past, shop, future, kept }, set] = useState<{ past: Shop[]; shop: Shop; future: Shop[]; kept: Shop }>({ past: [], shop: saved, future: [], kept: saved })
  const [before, setBefore] = useState<Shop>()
  const last = past.at(-1)
  const [next] = future
  return {
    shop,
    change(to) {
      set({ past: [...past, before ?? shop].slice(-deepest), shop: to, future: [], kept })
      setBefore(undefined)
    },
    preview(to) {
      setBefore((was = shop) => (to === was ? undefined : was))
      set({ past, shop: to, future, kept })
    },
    undo: last && (() => set({ past: past.slice(0, -1), shop: last, future: [shop, ...future], kept })),
    redo: next && (() => set({ past: [...past, shop], shop: next, future: future.slice(1), kept })),
    dirty: shop !== kept,
    reset: (to) => set({ past: [], shop: to, future: [], kept: to }),
  }
}

interface PlanEditorProps {
  editing: Editing
  /** The shop as it is kept, and where it was surveyed: what is lost by a change is said. */
  saved?: Shop
  survey?: SurveyPoint[]
  /** What the server has against which field. */
  errors?: Record<string, string>
  /** More that can be done with the plan. */
  actions?: ReactNode
}

/** What pressing the plan does, beside choosing. */
export type Tool = { does: 'draw'; what: Shape; points: Point[] } | { does: 'measure'; points: Point[] }

const closing = 10 // pixels
const adding: Record<Shape, typeof withWalls> = { zone: withZone, walls: withWalls, fixture: withFixture }

/** The plan of one floor, to be drawn by pointer, by keyboard or by numbers. */
export function PlanEditor({ editing, saved, survey = [], errors = {}, actions }: PlanEditorProps) {
  const { shop, change } = editing
  const [chosen, choose] = useState<Chosen>()
  const [floorID, setFloor] = useState<string>()
  const [tool, setTool] = useState<Tool>()
  const [snaps, setSnaps] = useState(true)
  const [view, setView] = useState<{ scale: number }>({ scale: 20 })
  const floor = shop.floors.find(({ id }) => id === floorID) ?? shop.floors[0]
  const mistakes = mistakesIn(shop)
  const refused = Object.entries(errors).map(([path, message]): Mistake => {
    const of = thingAt(shop, path)
    return { ...(of && { of }), message: `${of ? nameOf(shop, of) : path}: ${message}` }
  })
  const warnings = saved ? warningsIn(shop, saved, survey) : []
  const back = () => tool?.does === 'draw' && setTool(tool.points.length > 0 ? { ...tool, points: tool.points.slice(0, -1) } : undefined)
  useHotkeys([
    ['mod+Z', () => (tool?.does === 'draw' && tool.points.length > 0 ? back() : editing.undo?.())],
    ['mod+shift+Z', () => editing.redo?.()],
  ])
  const wrong = new Set([...mistakes, ...refused].flatMap(({ of, and }) => [of, and].flatMap((thing) => (thing ? [`${thing.kind} ${thing.id}`] : []))))

  const add = (made: { shop: Shop; chosen: Chosen }) => {
    setTool(undefined)
    change(made.shop)
    choose(made.chosen)
  }
  const remove = (thing: Chosen) => {
    change(without(shop, thing))
    choose(undefined)
  }
  const show = (thing: Chosen) => {
    setTool(undefined)
    setFloor(floorOfThing(shop, thing) ?? floorID)
    choose(thing)
  }
  const addFloor = () => {
    const made = withFloor(shop)
    add({ shop: made.shop, chosen: { kind: 'floor', id: made.id } })
    setFloor(made.id)
  }

  if (!floor) {
    return (
      <section className="card block" aria-label="Floor plan">
        <p className="dim">This shop has no floor. Add one, then draw its zones.</p>
        <Button leftSection={<Plus size={13} />} onClick={addFloor} style={{ justifySelf: 'start' }}>
          Add a floor
        </Button>
      </section>
    )
  }

  const drawing = tool?.does === 'draw' ? tool.what : undefined
  const draw = (what: Shape) => setTool({ does: 'draw', what, points: [] })
  const close = (what: Shape, points: Point[]) => {
    const corners = tidied(points)
    if (canClose(corners)) add(adding[what](shop, floor.id, corners))
  }
  const press = (at: Point) => {
    if (!tool) return choose(undefined)
    if (tool.does === 'measure') return setTool({ does: 'measure', points: tool.points.length >= 2 ? [at] : [...tool.points, at] })
    const { at: corner } = aim(shop, floor, { ...view, left: 0, top: 0 }, at, tool.points, snaps)
    const [first] = tool.points
    if (first && tool.points.length > 2 && distance(first, at) * view.scale <= closing) return close(tool.what, tool.points)
    return put(corner)
  }
  const put = (corner: Point) => tool && setTool({ ...tool, points: [...tool.points, corner] })

  return (
    <div className="editor">
      <section className="card editor-main" aria-label="Floor plan">
        <div className="editor-bar">
          <Button.Group>
            <Button variant={drawing === 'zone' ? 'light' : 'default'} aria-pressed={drawing === 'zone'} leftSection={<PenLine size={13} />} onClick={() => (drawing === 'zone' ? setTool(undefined) : draw('zone'))}>
              Draw a zone
            </Button>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" px={7} aria-label="Add something else">
                  <ChevronDown size={14} />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<Square size={14} />} onClick={() => add(withZone(shop, floor.id))}>
                  Zone, a rectangle
                </Menu.Item>
                <Menu.Item leftSection={<BrickWall size={14} />} onClick={() => draw('walls')}>
                  {floor.outline?.length ? 'Walls, drawn anew' : 'Walls, drawn'}
                </Menu.Item>
                <Menu.Item leftSection={<LibraryBig size={14} />} onClick={() => add(withFixture(shop, floor.id))}>
                  Fixture, a shelf
                </Menu.Item>
                <Menu.Item leftSection={<PenLine size={14} />} onClick={() => draw('fixture')}>
                  Fixture, drawn
                </Menu.Item>
                <Menu.Divider />
                {(Object.keys(spotIcon) as Spot[]).map((kind) => (
                  <Menu.Item key={kind} leftSection={spotIcon[kind]} onClick={() => add(withSpot(shop, kind, floor.id))}>
                    {kindWord[kind]}
                  </Menu.Item>
                ))}
                <Menu.Divider />
                <Menu.Item leftSection={<Layers size={14} />} onClick={addFloor}>
                  Floor
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Button.Group>
          {(['receiver', 'camera'] as const).map((kind) => (
            <Button key={kind} className="wide-only" variant="default" leftSection={<Plus size={13} />} onClick={() => add(withSpot(shop, kind, floor.id))}>
              {kindWord[kind]}
            </Button>
          ))}
          <Switch size="xs" label="Snap" checked={snaps} onChange={({ currentTarget }) => setSnaps(currentTarget.checked)} />
          <span className="grow" />
          {actions}
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
        <div className="editor-bar floor-tabs" role="group" aria-label="Floors">
          {shop.floors.map(({ id, name }) => (
            <Button
              key={id}
              size="compact-xs"
              variant={id === floor.id ? 'light' : 'subtle'}
              color={wrong.has(`floor ${id}`) ? 'red' : id === floor.id ? 'iris' : 'gray'}
              aria-pressed={id === floor.id}
              onClick={() => {
                setFloor(id)
                setTool(undefined)
                choose(undefined)
              }}
            >
              {name || 'Unnamed'}
            </Button>
          ))}
          <Button size="compact-xs" variant="subtle" color="gray" leftSection={<Plus size={12} />} onClick={addFloor}>
            Floor
          </Button>
          <span className="grow" />
          <Button size="compact-xs" variant="subtle" color="gray" leftSection={<Layers size={12} />} aria-pressed={chosen?.kind === 'floor'} onClick={() => show({ kind: 'floor', id: floor.id })}>
            Size, order and picture
          </Button>
        </div>
        <div className="editor-plan">
          <PlanSurface shop={shop} floor={floor} label={`${floor.name}, ${floor.width_m} by ${floor.depth_m} metres`} tool={tool !== undefined} onPress={press}>
            {(now: View) => (
              <>
                <Scale view={now} known={view.scale} onScale={setView} />
                {tool?.does === 'draw' ? (
                  <PlanDrawing shop={shop} floor={floor} view={now} points={tool.points} snaps={snaps} what={tool.what} onPoint={put} onBack={back} onClose={() => close(tool.what, tool.points)} onCancel={() => setTool(undefined)} />
                ) : tool?.does === 'measure' ? (
                  <PlanMeasure view={now} points={tool.points} />
                ) : (
                  <PlanGrips editing={editing} floor={floor} view={now} chosen={chosen} snaps={snaps} onChoose={choose} onRemove={remove} wrong={wrong} />
                )}
              </>
            )}
          </PlanSurface>
        </div>
        {tool?.does === 'draw' ? (
          <div className="editor-note" data-tone="accent" role="status">
            <span className="grow">
              {tool.points.length < 3 ? `Press where corner ${tool.points.length + 1} is. On the keyboard: arrows, then Space.` : canClose(tidied(tool.points)) ? `Press the first corner, or Enter, to close the ${tool.what}.` : 'Its sides cross, or it has no area: take a corner back.'}
            </span>
            <Button size="compact-xs" variant="default" disabled={tool.points.length === 0} onClick={back}>
              Take back
            </Button>
            <Button size="compact-xs" disabled={!canClose(tidied(tool.points))} onClick={() => close(tool.what, tool.points)}>
              Close the {tool.what}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setTool(undefined)}>
              Cancel
            </Button>
          </div>
        ) : (
          <p className="editor-note">Drag to move; corners and edges of what is chosen, too. Arrow keys move by half a metre, with Shift by a tenth; Delete removes. Ctrl and the wheel look closer.</p>
        )}
      </section>
      <section className="card editor-side" aria-label="What is on the plan">
        {chosen?.kind === 'floor' ? (
          <FloorFields key={chosen.id} editing={editing} id={chosen.id} tool={tool} onTool={setTool} onShow={setFloor} onChoose={choose} errors={errors} />
        ) : chosen ? (
          <ThingFields key={`${chosen.kind} ${chosen.id}`} editing={editing} floor={floor} chosen={chosen} onChoose={choose} onRemove={remove} errors={errors} />
        ) : (
          <Things shop={shop} floor={floor} onChoose={choose} wrong={wrong} />
        )}
        {mistakes.length + refused.length + warnings.length > 0 && (
          <ul className="mistakes" aria-label="What is to be mended">
            {[...mistakes, ...refused].slice(0, most).map((mistake, i) => (
              <Told key={i} mistake={mistake} onShow={show} />
            ))}
            {mistakes.length + refused.length > most && <li className="dim">and {mistakes.length + refused.length - most} more</li>}
            {warnings.slice(0, 3).map((mistake, i) => (
              <Told key={i} mistake={mistake} onShow={show} warns />
            ))}
          </ul>
        )}
      </section>
    </div>
  )
}

const most = 6

const spotIcon: Record<Spot, ReactNode> = {
  receiver: <RadioTower size={14} />,
  camera: <Camera size={14} />,
  entrance: <DoorOpen size={14} />,
  canary: <Triangle size={14} />,
}

function Told({ mistake: { of, message }, warns, onShow }: { mistake: Mistake; warns?: boolean; onShow: (thing: Chosen) => void }) {
  const Icon = warns ? TriangleAlert : CircleAlert
  return (
    <li data-tone={warns ? 'warn' : undefined}>
      <Icon size={13} aria-hidden />
      {of ? (
        <button type="button" onClick={() => onShow(of)}>
          {message}
        </button>
      ) : (
        message
      )}
    </li>
  )
}

function nameOf(shop: Shop, { kind, id }: Chosen): string {
  const floor = shop.floors.find((it) => it.id === id)?.name
  switch (kind) {
    case 'zone':
      return shop.zones.find((it) => it.id === id)?.name || id
    case 'floor':
      return floor || id
    case 'walls':
      return `Walls of ${floor || id}`
    case 'fixture':
      return shop.fixtures?.[Number(id)] ? fixtureName(shop.fixtures[Number(id)]!) : 'Fixture'
    default:
      return id
  }
}

/** Tells how large a metre is drawn, for whoever presses the plan. */
function Scale({ view, known, onScale }: { view: View; known: number; onScale: (view: { scale: number }) => void }) {
  useEffect(() => {
    if (view.scale !== known) onScale({ scale: view.scale })
  })
  return null
}

const size = (polygon: Point[]) => {
  if (polygon.length < 3) return ''
  const { width, height } = box(polygon)
  return `${width} × ${height} m, ${Math.round(area(polygon))} m²`
}

const shapeIcon: Record<Exclude<Shape, 'zone'>, ReactNode> = { walls: <BrickWall size={14} />, fixture: <LibraryBig size={14} /> }

function Things({ shop, floor, onChoose, wrong }: { shop: Shop; floor: Floor; onChoose: (chosen: Chosen) => void; wrong: Set<string> }) {
  const zones = shop.zones.filter((zone) => zone.floor === floor.id)
  const spots = spotsOn(shop, floor.id)
  const shapes = shapesOn(shop, floor).flatMap(({ kind, ...shape }) => (kind === 'zone' ? [] : [{ kind, ...shape }]))
  const bad = (kind: string, id: string) => (wrong.has(`${kind} ${id}`) ? <CircleAlert size={13} color="var(--neg)" aria-label="to be mended" /> : null)
  return (
    <div className="things">
      <div className="card-head">
        <h2>On this floor</h2>
        <span className="dim num">
          {plural(zones.length, 'zone')}, {plural(spots.length + shapes.length, 'thing')}
        </span>
      </div>
      {zones.length === 0 && <p className="dim small" style={{ padding: '0 14px 14px' }}>Begin with the entrance: press “Draw a zone” and then its corners. Then draw the zones where shoppers stay, and add a receiver or a camera for each.</p>}
      {zones.map((zone) => (
        <button key={zone.id} type="button" onClick={() => onChoose({ kind: 'zone', id: zone.id })}>
          <Square size={14} aria-hidden />
          <span className="cut grow">{zone.name || 'Unnamed'}</span>
          {bad('zone', zone.id)}
          <span className="dim small num">{size(zone.polygon)}</span>
        </button>
      ))}
      {spots.map(({ kind, id, at }) => (
        <button key={`${kind} ${id}`} type="button" onClick={() => onChoose({ kind, id })}>
          {spotIcon[kind]}
          <span className="cut grow mono">{id}</span>
          {bad(kind, id)}
          <span className="dim small num">
            {at.x}, {at.y}
          </span>
        </button>
      ))}
      {shapes.map(({ kind, id, name, polygon }) => (
        <button key={`${kind} ${id}`} type="button" onClick={() => onChoose({ kind, id })}>
          {shapeIcon[kind]}
          <span className="cut grow">{name}</span>
          {bad(kind, id)}
          <span className="dim small num">{size(polygon)}</span>
        </button>
      ))}
    </div>
  )
}
