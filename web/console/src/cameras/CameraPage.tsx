import './cameras.css'
import { useCameras, useMay, useShop, useTabletAddress, words, type CameraNow } from '@aisle/api'
import { ago, count, CopyId, Empty, plural, Status, useNow } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { BadgeCheck, ShieldAlert, Tablet } from 'lucide-react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { GroundEditor } from './GroundEditor'
import { advice, cameraState, kindWord, lastPicture } from './words'

/** One camera: how it does, where the floor is in its picture, what it counted. */
export default function CameraPage() {
  const { camera: id } = useParams({ from: '/shell/cameras/$camera' })
  const asked = useCameras()
  const camera = asked.data?.cameras.find((it) => it.id === id)
  return (
    <Page title={id} beside={camera && <Status state={cameraState[camera.state]} />} note={camera?.shop_name && [camera.shop_name, camera.zone_name].filter(Boolean).join(' · ')} actions={<LinkButton to="/cameras" variant="default">All cameras</LinkButton>}>
      <Loaded of={asked}>
        {() =>
          camera ? (
            <div className="stack" style={{ gap: 16 }}>
              <Now camera={camera} />
              {camera.shop ? <Floor camera={camera} shop={camera.shop} /> : <Unplaced />}
              {camera.health?.kind === 'browser' && camera.shop && <TabletCard id={id} />}
              <Counters camera={camera} />
            </div>
          ) : (
            <div className="card">
              <Empty title="There is no such camera" action={<LinkButton to="/cameras">All cameras</LinkButton>}>
                It is on no floor plan, and no process has it.
              </Empty>
            </div>
          )
        }
      </Loaded>
    </Page>
  )
}

function Now({ camera }: { camera: CameraNow }) {
  const now = useNow(1_000)
  const { health, height_m } = camera
  const what = advice(camera)
  const last = lastPicture(camera, now)
  const facts: [string, string][] = [
    ['By', kindWord(health?.kind)],
    ['Pictures', health ? `${health.fps.toFixed(1)} a second` : '–'],
    ['Looked at', health ? `${health.looked_at.toFixed(1)} a second` : '–'],
    ['Latency', health && health.latency_s > 0 ? `${Math.round(health.latency_s * 1_000)} ms` : '–'],
    ['Size', health?.width_px ? `${health.width_px} × ${health.height_px}` : '–'],
    ['Last picture', last === undefined ? '–' : ago(last, now)],
    ['Opened again', health ? `${count(health.reopened)} times` : '–'],
    ['Hangs at', height_m ? `${height_m.toFixed(1)} m` : '–'],
  ]
  return (
    <section className="card" aria-label="How it does">
      {what && (
        <div className="problem" role="status" style={{ margin: 12 }}>
          <p>{what}</p>
        </div>
      )}
      <dl className="camera-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}

function Unplaced() {
  return (
    <div className="card">
      <Empty title="On no floor plan" action={<LinkButton to="/shops">Open a shop’s plan</LinkButton>}>
        A process has this camera, and no shop does: what it sees is put aside. Put it on the plan under this name.
      </Empty>
    </div>
  )
}

function Floor({ camera, shop: id }: { camera: CameraNow; shop: string }) {
  const shop = useShop(id)
  const may = useMay('marketer', 'admin')
  return <Loaded of={shop}>{(shop) => <GroundEditor key={JSON.stringify(camera.ground)} shop={shop} camera={camera} may={may} />}</Loaded>
}

/** A tablet or phone that is this camera: its page, behind a secret address. */
function TabletCard({ id }: { id: string }) {
  const address = useTabletAddress(id)
  const may = useMay('marketer', 'admin')
  return (
    <section className="card" aria-label="A tablet as this camera">
      <div className="card-head">
        <h2>A tablet as this camera</h2>
      </div>
      <div className="tablet">
        <p className="dim">Open the address on the tablet, by https or on the machine itself: browsers give no camera to other pages. Whoever has the address can send pictures as this camera for a year.</p>
        {address.data ? (
          <div className="row">
            <output>{address.data.address}</output>
            <CopyId value={address.data.address} label="the address" show="Copy" />
          </div>
        ) : (
          may && (
            <div>
              <Button leftSection={<Tablet size={15} />} loading={address.isPending} onClick={() => address.mutate()}>
                Make the tablet’s address
              </Button>
            </div>
          )
        )}
        {address.error && (
          <p className="error" role="alert">
            {words(address.error)}
          </p>
        )}
      </div>
    </section>
  )
}

/** What became of faces, minute by minute, as the process signed it. */
function Counters({ camera: { today, lines } }: { camera: CameraNow }) {
  const sums: [string, number][] = [
    ['Faces in pictures', today.seen],
    ['Too poor to describe', today.too_poor],
    ['Descriptions forgotten', today.discarded],
    ['Recognised', today.matched],
    ['Strangers', today.unknown],
  ]
  const wrong = lines.filter(({ verified }) => !verified).length
  return (
    <section className="card" aria-label="What it counted">
      <div className="card-head">
        <h2>Today</h2>
        <span className="dim">shoppers see the same, with the signatures</span>
      </div>
      <dl className="camera-facts">
        {sums.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{count(value)}</dd>
          </div>
        ))}
      </dl>
      {lines.length > 0 && (
        <details className="fold" style={{ padding: '10px 16px' }}>
          <summary>
            {wrong === 0 ? <BadgeCheck size={14} aria-hidden style={{ color: 'var(--pos)' }} /> : <ShieldAlert size={14} aria-hidden style={{ color: 'var(--neg)' }} />}
            {wrong === 0 ? `The latest ${plural(lines.length, 'minute')}, each signed` : `${wrong} of the latest ${plural(lines.length, 'minute')} are not signed by a known key`}
          </summary>
          {/* A long list that scrolls must be reachable by keyboard. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <ol className="counter-lines" tabIndex={0} aria-label="Signed lines">
            {lines.map(({ line, verified }) => (
              <li key={line} style={verified ? undefined : { color: 'var(--neg)' }}>
                {line}
              </li>
            ))}
          </ol>
        </details>
      )}
    </section>
  )
}
