import type { Floor, Point, Shop, SurveyPoint } from '@aisle/api'
import { area, box, count, Empty, type View } from '@aisle/ui'
import { Button, Menu, Switch, Tooltip } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { BrickWall, Camera, ChevronDown, CircleAlert, DoorOpen, Image, Layers, LibraryBig, PenLine, Plus, RadioTower, Redo2, Square, Triangle, TriangleAlert, Undo2 } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import { FloorFields } from './FloorFields'
import { withFloor } from './floors'
import { fixtureName, floorOfThing, isDrawn, mistakesIn, place, shapesOn, spotsOn, thingAt, warningsIn, withFixture, withSpot, withWalls, withZone, without, written, type Chosen, type Mistake, type Shape, type Spot } from './plan'
import { aim, PlanDrawing } from './PlanDrawing'
import { PlanGrips } from './PlanGrips'
import { PlanMeasure } from './PlanMeasure'
import { PlanSurface } from './PlanSurface'
import { canClose, distance, tidied } from './polygon'
import { ThingFields } from './ThingFields'
import { t } from './words'

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
    return { ...(of && { of }), message: t.mistakes.of(of ? nameOf(shop, of) : path, message) }
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
      <section className="card block" aria-label={t.editor.title}>
        <p className="dim">{t.editor.noFloor}</p>
        <Button leftSection={<Plus size={13} />} onClick={addFloor} style={{ justifySelf: 'start' }}>
          {t.editor.addFloor}
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
      <section className="card editor-main" aria-label={t.editor.title}>
        <div className="editor-bar">
          <Button.Group>
            <Button variant={drawing === 'zone' ? 'light' : 'default'} aria-pressed={drawing === 'zone'} leftSection={<PenLine size={13} />} onClick={() => (drawing === 'zone' ? setTool(undefined) : draw('zone'))}>
              {t.editor.draw}
            </Button>
            <Menu position="bottom-end">
              <Menu.Target>
                <Button variant="default" px={7} aria-label={t.editor.addElse}>
                  <ChevronDown size={14} />
                </Button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item leftSection={<Square size={14} />} onClick={() => add(withZone(shop, floor.id))}>
                  {t.editor.rectangle}
                </Menu.Item>
                <Menu.Item leftSection={<BrickWall size={14} />} onClick={() => draw('walls')}>
                  {floor.outline?.length ? t.editor.wallsAnew : t.editor.walls}
                </Menu.Item>
                <Menu.Item leftSection={<LibraryBig size={14} />} onClick={() => add(withFixture(shop, floor.id))}>
                  {t.editor.shelf}
                </Menu.Item>
                <Menu.Item leftSection={<PenLine size={14} />} onClick={() => draw('fixture')}>
                  {t.editor.fixture}
                </Menu.Item>
                <Menu.Divider />
                {(Object.keys(spotIcon) as Spot[]).map((kind) => (
                  <Menu.Item key={kind} leftSection={spotIcon[kind]} onClick={() => add(withSpot(shop, kind, floor.id))}>
                    {t.kinds[kind]}
                  </Menu.Item>
                ))}
                <Menu.Divider />
                <Menu.Item leftSection={<Layers size={14} />} onClick={addFloor}>
                  {t.kinds.floor}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Button.Group>
          {(['receiver', 'camera'] as const).map((kind) => (
            <Button key={kind} className="wide-only" variant="default" leftSection={<Plus size={13} />} onClick={() => add(withSpot(shop, kind, floor.id))}>
              {t.kinds[kind]}
            </Button>
          ))}
          <Switch size="xs" label={t.editor.snap} checked={snaps} onChange={({ currentTarget }) => setSnaps(currentTarget.checked)} />
          <span className="grow" />
          {actions}
          <Tooltip label={t.editor.undoKeys}>
            <Button variant="default" px={8} aria-label={t.editor.undo} disabled={!editing.undo} onClick={editing.undo}>
              <Undo2 className="ahead" size={14} />
            </Button>
          </Tooltip>
          <Tooltip label={t.editor.redoKeys}>
            <Button variant="default" px={8} aria-label={t.editor.redo} disabled={!editing.redo} onClick={editing.redo}>
              <Redo2 className="ahead" size={14} />
            </Button>
          </Tooltip>
        </div>
        <div className="editor-bar floor-tabs" role="group" aria-label={t.editor.floors}>
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
              {name || t.unnamed}
            </Button>
          ))}
          <Button size="compact-xs" variant="subtle" color="gray" leftSection={<Plus size={12} />} onClick={addFloor}>
            {t.kinds.floor}
          </Button>
          <span className="grow" />
          <Button size="compact-xs" variant="subtle" color="gray" leftSection={<Layers size={12} />} aria-pressed={chosen?.kind === 'floor'} onClick={() => show({ kind: 'floor', id: floor.id })}>
            {t.editor.settings}
          </Button>
        </div>
        <div className="editor-plan">
          <PlanSurface shop={shop} floor={floor} label={t.editor.floorLabel(floor.name, written(floor.width_m), written(floor.depth_m))} tool={tool !== undefined} onPress={press}>
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
          {!tool && !isDrawn(shop, floor) && (
            <div className="plan-empty">
              <Empty
                title={t.editor.empty}
                action={
                  <div className="row">
                    <Button leftSection={<PenLine size={13} />} onClick={() => draw('zone')}>
                      {t.editor.emptyDraw}
                    </Button>
                    <Button variant="default" leftSection={<Image size={13} />} onClick={() => show({ kind: 'floor', id: floor.id })}>
                      {t.editor.emptyPicture}
                    </Button>
                  </div>
                }
              >
                {t.editor.emptyMore}
              </Empty>
            </div>
          )}
        </div>
        {tool?.does === 'draw' ? (
          <div className="editor-note" data-tone="accent" role="status">
            <span className="grow">
              {tool.points.length < 3 ? t.editor.corner(tool.points.length + 1) : canClose(tidied(tool.points)) ? t.editor.canClose(tool.what) : t.editor.crossed}
            </span>
            <Button size="compact-xs" variant="default" disabled={tool.points.length === 0} onClick={back}>
              {t.editor.back}
            </Button>
            <Button size="compact-xs" disabled={!canClose(tidied(tool.points))} onClick={() => close(tool.what, tool.points)}>
              {t.editor.close(tool.what)}
            </Button>
            <Button size="compact-xs" variant="subtle" color="gray" onClick={() => setTool(undefined)}>
              {t.cancel}
            </Button>
          </div>
        ) : (
          <p className="editor-note">{t.editor.hint}</p>
        )}
      </section>
      <section className="card editor-side" aria-label={t.editor.side}>
        {chosen?.kind === 'floor' ? (
          <FloorFields key={chosen.id} editing={editing} id={chosen.id} tool={tool} onTool={setTool} onShow={setFloor} onChoose={choose} errors={errors} />
        ) : chosen ? (
          <ThingFields key={`${chosen.kind} ${chosen.id}`} editing={editing} floor={floor} chosen={chosen} onChoose={choose} onRemove={remove} errors={errors} />
        ) : (
          <Things shop={shop} floor={floor} onChoose={choose} wrong={wrong} />
        )}
        {mistakes.length + refused.length + warnings.length > 0 && (
          <ul className="mistakes" aria-label={t.editor.mistakes}>
            {[...mistakes, ...refused].slice(0, most).map((mistake, i) => (
              <Told key={i} mistake={mistake} onShow={show} />
            ))}
            {mistakes.length + refused.length > most && <li className="dim">{t.more(mistakes.length + refused.length - most)}</li>}
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
      return t.named.walls(floor || id)
    case 'fixture':
      return shop.fixtures?.[Number(id)] ? fixtureName(shop.fixtures[Number(id)]!) : t.kinds.fixture
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
  return t.editor.size(written(width), written(height), count(area(polygon)))
}

const shapeIcon: Record<Exclude<Shape, 'zone'>, ReactNode> = { walls: <BrickWall size={14} />, fixture: <LibraryBig size={14} /> }

function Things({ shop, floor, onChoose, wrong }: { shop: Shop; floor: Floor; onChoose: (chosen: Chosen) => void; wrong: Set<string> }) {
  const zones = shop.zones.filter((zone) => zone.floor === floor.id)
  const spots = spotsOn(shop, floor.id)
  const shapes = shapesOn(shop, floor).flatMap(({ kind, ...shape }) => (kind === 'zone' ? [] : [{ kind, ...shape }]))
  const bad = (kind: string, id: string) => (wrong.has(`${kind} ${id}`) ? <CircleAlert size={13} color="var(--neg)" aria-label={t.editor.toMend} /> : null)
  return (
    <div className="things">
      <div className="card-head">
        <h2>{t.editor.onFloor}</h2>
        <span className="dim num">
          {t.list([t.counts.zones(zones.length), t.counts.things(spots.length + shapes.length)])}
        </span>
      </div>
      {zones.length === 0 && <p className="dim small" style={{ padding: '0 14px 14px' }}>{t.editor.begin}</p>}
      {zones.map((zone) => (
        <button key={zone.id} type="button" onClick={() => onChoose({ kind: 'zone', id: zone.id })}>
          <Square size={14} aria-hidden />
          <span className="cut grow">{zone.name || t.unnamed}</span>
          {bad('zone', zone.id)}
          <span className="dim small num">{size(zone.polygon)}</span>
        </button>
      ))}
      {spots.map(({ kind, id, at }) => (
        <button key={`${kind} ${id}`} type="button" onClick={() => onChoose({ kind, id })}>
          {spotIcon[kind]}
          <span className="cut grow mono">{id}</span>
          {bad(kind, id)}
          <span className="dim small num" dir="ltr">
            {place(at)}
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
