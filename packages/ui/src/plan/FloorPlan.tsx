import './plan.css'
import type { Camera, DeviceHealth, Fixture, Floor, Receiver, Shop, Zone } from '@aisle/api'
import { useElementSize } from '@mantine/hooks'
import { memo, useMemo, type CSSProperties, type ReactNode } from 'react'
import { count } from '../format'
import { spoken } from '../spoken'
import { zoneKindWord } from '../words'
import { box, cone, corners, door, fit, lettersOf, rounded, toPixels, type View } from './geometry'
import { heat } from './heat'

/** What is known of a zone now. */
export interface ZoneNow {
  people: number
  optedIn: number
  /** Of what it holds. */
  share: number
}

interface FloorPlanProps {
  shop: Shop
  floor: Floor
  /** What is in each zone, by id; without it the plan is only a plan. */
  now?: Map<string, ZoneNow>
  health?: Map<string, DeviceHealth>
  selected?: string | undefined
  onSelect?: (zone: string | undefined) => void
  /** Only the shapes, for where the plan is small. */
  plain?: boolean
  /** What is looked at, where that is not the whole floor: a view made of the one that fits. */
  look?: (fitted: View) => View
  /** What is drawn over the plan. */
  children?: (view: View) => ReactNode
  label: string
}

const margin = 14

/** One floor of a shop, as large as its place: zones with their heat, what stands there, the devices. */
export function FloorPlan({ shop, floor, now, health, selected, onSelect, plain = false, look, children, label }: FloorPlanProps) {
  const { ref, width, height } = useElementSize()
  const view = useMemo(() => {
    const fitted = fit(floor, width, height, margin)
    return look && fitted.scale > 0 ? look(fitted) : fitted
  }, [floor, width, height, look])
  const { zones, fixtures, cameras, receivers } = useMemo(() => {
    const here = <T extends { floor: string }>(things: T[] | undefined) => (things ?? []).filter((thing) => thing.floor === floor.id)
    return {
      zones: here(shop.zones).filter((zone) => zone.polygon.length > 2),
      fixtures: here(shop.fixtures),
      cameras: here(shop.cameras),
      receivers: here(shop.receivers),
    }
  }, [shop, floor])
  return (
    <div className="plan" ref={ref} data-picture={floor.image ? true : undefined}>
      {view.scale > 0 && (
        <>
          <svg role="group" aria-label={label}>
            <Ground floor={floor} view={view} plain={plain} />
            {zones.map((zone) => (
              <ZoneShape key={zone.id} zone={zone} view={view} now={now?.get(zone.id)} selected={zone.id === selected} onSelect={onSelect} />
            ))}
            <Things floor={floor} view={view} zones={zones} fixtures={fixtures} />
            {!plain && <Devices view={view} cameras={cameras} receivers={receivers} health={health} />}
          </svg>
          {children?.(view)}
          {!plain && (
            <div className="plan-labels" aria-hidden="true">
              {zones.map((zone) => (
                <ZoneLabel key={zone.id} zone={zone} view={view} now={now?.get(zone.id)} />
              ))}
            </div>
          )}
        </>
      )}
    </div>
  )
}

const Ground = memo(function Ground({ floor, view, plain }: { floor: Floor; view: View; plain: boolean }) {
  const outline = floor.outline?.length ? floor.outline : corners({ x: 0, y: 0, width: floor.width_m, height: floor.depth_m })
  const walls = rounded(outline.map((point) => toPixels(view, point)), 12)
  return (
    <>
      <defs>
        <radialGradient id="plan-cone" gradientUnits="userSpaceOnUse" cx="0" cy="0" r={Math.max(36, 6 * view.scale)}>
          <stop offset="0" stopColor="var(--accent)" stopOpacity="0.3" />
          <stop offset="1" stopColor="var(--accent)" stopOpacity="0" />
        </radialGradient>
      </defs>
      <path d={walls} fill="var(--plan-floor)" />
      {floor.image && !plain && <Backdrop floor={floor} image={floor.image} view={view} />}
      <path d={walls} className="plan-wall" />
    </>
  )
})

/** The picture under a floor's plan, where it was put. */
function Backdrop({ floor, image, view }: { floor: Floor; image: string; view: View }) {
  const { at, width_m, depth_m, opacity } = floor.picture ?? { at: { x: 0, y: 0 }, width_m: floor.width_m, depth_m: floor.depth_m }
  const { x, y } = toPixels(view, at)
  return <image href={image} x={x} y={y} width={width_m * view.scale} height={depth_m * view.scale} preserveAspectRatio="none" opacity={opacity || 0.6} pointerEvents="none" />
}

interface ZoneShapeProps {
  zone: Zone
  view: View
  now: ZoneNow | undefined
  selected: boolean
  onSelect: ((zone: string | undefined) => void) | undefined
}

function ZoneShape({ zone, view, now, selected, onSelect }: ZoneShapeProps) {
  const path = rounded(zone.polygon.map((point) => toPixels(view, point)), 5)
  const fill = zone.kind === 'quiet' ? 'var(--hover)' : heat(now?.share ?? 0)
  const says = now ? spoken.plan.zoneNow(zone.name, now.people, now.optedIn) : `${zone.name}: ${zoneKindWord(zone.kind)}`
  if (!onSelect) {
    return (
      <path d={path} className="plan-zone" fill={fill} role="img" aria-label={says}>
        <title>{says}</title>
      </path>
    )
  }
  const toggle = () => onSelect(selected ? undefined : zone.id)
  return (
    <path
      d={path}
      className="plan-zone"
      fill={fill}
      role="button"
      tabIndex={0}
      aria-pressed={selected}
      aria-label={says}
      onClick={toggle}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' && event.key !== ' ') return
        event.preventDefault()
        toggle()
      }}
    >
      <title>{says}</title>
    </path>
  )
}

function ZoneLabel({ zone, view, now }: { zone: Zone; view: View; now: ZoneNow | undefined }) {
  const { x, y, width } = box(zone.polygon)
  const { x: left, y: top } = toPixels(view, { x, y })
  const wide = width * view.scale
  return (
    <div className="plan-label num" style={{ left, top, width: wide, '--letters': lettersOf(zone.name, wide) } as CSSProperties}>
      <span>{zone.name}</span>
      {now && <span>{count(now.people)}</span>}
    </div>
  )
}

/** What does not change while people walk. */
const Things = memo(function Things({ floor, view, zones, fixtures }: { floor: Floor; view: View; zones: Zone[]; fixtures: Fixture[] }) {
  return (
    <>
      {fixtures.map((fixture, i) => (
        <FixtureShape key={i} fixture={fixture} view={view} />
      ))}
      {zones
        .filter((zone) => zone.kind === 'entrance')
        .map((zone) => {
          const found = door(floor, zone)
          if (!found) return null
          const from = toPixels(view, found.from)
          const to = toPixels(view, found.to)
          const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }
          const angle = (Math.atan2(found.inward.y, found.inward.x) * 180) / Math.PI
          return (
            <g key={zone.id}>
              <path d={`M${from.x} ${from.y}L${to.x} ${to.y}`} stroke="var(--plan-floor)" strokeWidth="6" />
              <path d={`M${from.x} ${from.y}L${to.x} ${to.y}`} className="plan-door" />
              <path d="M-9 0H9m-5 -5l5 5l-5 5" transform={`translate(${middle.x} ${middle.y}) rotate(${angle})`} className="plan-way" />
            </g>
          )
        })}
    </>
  )
})

function FixtureShape({ fixture, view }: { fixture: Fixture; view: View }) {
  const { x, y } = toPixels(view, fixture.at)
  const width = fixture.width_m * view.scale
  const height = fixture.depth_m * view.scale
  const round = fixture.kind === 'round'
  const shelf = fixture.kind === 'shelf' && Math.max(width, height) > 40
  const long = height > width
  return (
    <g>
      <rect className="plan-fixture" x={x} y={y} width={width} height={height} rx={round ? Math.min(width, height) / 2 : 3} />
      {shelf && (
        <path
          className="plan-fixture"
          d={long ? `M${x + width / 2} ${y + 5}v${height - 10}` : `M${x + 5} ${y + height / 2}h${width - 10}`}
        />
      )}
      {fixture.kind === 'till' && (
        <rect x={x + width / 4} y={y + height / 8} width={width / 2} height={height / 4} rx="1.5" fill="var(--plan-fixture-line)" pointerEvents="none" />
      )}
    </g>
  )
}

interface DevicesProps {
  view: View
  cameras: Camera[]
  receivers: Receiver[]
  health: Map<string, DeviceHealth> | undefined
}

const Devices = memo(function Devices({ view, cameras, receivers, health }: DevicesProps) {
  const of = (id: string) => health?.get(id)?.health
  const says = (kind: 'camera' | 'receiver', id: string) => {
    const state = of(id)
    const device = spoken.plan.device[kind](id)
    return state ? spoken.plan.withState(device, spoken.health[state]) : device
  }
  return (
    <>
      {cameras.map((camera) => {
        const { x, y } = toPixels(view, camera.at)
        return (
          <g key={camera.id} className="plan-device" data-health={of(camera.id)} transform={`translate(${x} ${y})`} role="img" aria-label={says('camera', camera.id)}>
            <title>{says('camera', camera.id)}</title>
            <path d={cone(camera, view)} className="plan-cone" pointerEvents="none" />
            <circle r="5.5" />
            <circle r="2" className="core" />
          </g>
        )
      })}
      {receivers.map((receiver) => {
        const { x, y } = toPixels(view, receiver.at)
        return (
          <g key={receiver.id} className="plan-device" data-health={of(receiver.id)} transform={`translate(${x} ${y})`} role="img" aria-label={says('receiver', receiver.id)}>
            <title>{says('receiver', receiver.id)}</title>
            <rect x="-4.5" y="-4.5" width="9" height="9" rx="2" transform="rotate(45)" />
            <circle r="1.6" className="core" />
          </g>
        )
      })}
    </>
  )
})
