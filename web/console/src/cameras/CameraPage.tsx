import './cameras.css'
import { useCameras, useMay, useShop, useTabletAddress, type CameraNow } from '@aisle/api'
import { ago, count, CopyId, Empty, fixed, said, Status, useNow } from '@aisle/ui'
import { Button } from '@mantine/core'
import { useParams } from '@tanstack/react-router'
import { BadgeCheck, ShieldAlert, Tablet } from 'lucide-react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { advice, cameraState, kindWord, lastPicture, latency } from './camera'
import { GroundEditor } from './GroundEditor'
import { t } from './words'

/** One camera: how it does, where the floor is in its picture, what it counted. */
export default function CameraPage() {
  const { camera: id } = useParams({ from: '/shell/cameras/$camera' })
  const asked = useCameras()
  const camera = asked.data?.cameras.find((it) => it.id === id)
  return (
    <Page title={id} beside={camera && <Status state={cameraState(camera.state)} />} note={camera?.shop_name && [camera.shop_name, camera.zone_name].filter(Boolean).join(' · ')} actions={<LinkButton to="/cameras" variant="default">{t.all}</LinkButton>}>
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
              <Empty title={t.gone.title} action={<LinkButton to="/cameras">{t.all}</LinkButton>}>
                {t.gone.more}
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
    [t.by, kindWord(health?.kind)],
    [t.now.pictures, health ? t.now.perSecond(fixed(health.fps, 1)) : '–'],
    [t.now.lookedAt, health ? t.now.perSecond(fixed(health.looked_at, 1)) : '–'],
    [t.latency, latency(health?.latency_s)],
    [t.now.size, health?.width_px && health.height_px ? t.now.pixels(health.width_px, health.height_px) : '–'],
    [t.lastPicture, last === undefined ? '–' : ago(last, now)],
    [t.now.reopened, health ? t.now.times(health.reopened) : '–'],
    [t.now.height, height_m ? t.metres(fixed(height_m, 1)) : '–'],
  ]
  return (
    <section className="card" aria-label={t.now.title}>
      {what && (
        <div className="problem" role="status" style={{ margin: 12 }}>
          <p dir="auto">{what}</p>
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
      <Empty title={t.onNoPlan} action={<LinkButton to="/shops">{t.openPlan}</LinkButton>}>
        {t.unplaced}
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
    <section className="card" aria-label={t.tablet.title}>
      <div className="card-head">
        <h2>{t.tablet.title}</h2>
      </div>
      <div className="tablet">
        <p className="dim">{t.tablet.note}</p>
        {address.data ? (
          <div className="row">
            <output dir="ltr">{address.data.address}</output>
            <CopyId value={address.data.address} label={t.tablet.address} show={t.tablet.copy} />
          </div>
        ) : (
          may && (
            <div>
              <Button leftSection={<Tablet size={15} />} loading={address.isPending} onClick={() => address.mutate()}>
                {t.tablet.make}
              </Button>
            </div>
          )
        )}
        {address.error && (
          <p className="error" role="alert" dir="auto">
            {said(address.error)}
          </p>
        )}
      </div>
    </section>
  )
}

/** What became of faces, minute by minute, as the process signed it. */
function Counters({ camera: { today, lines } }: { camera: CameraNow }) {
  const sums: [string, number][] = [
    [t.counters.seen, today.seen],
    [t.counters.tooPoor, today.too_poor],
    [t.counters.discarded, today.discarded],
    [t.counters.matched, today.matched],
    [t.counters.strangers, today.unknown],
  ]
  const wrong = lines.filter(({ verified }) => !verified).length
  return (
    <section className="card" aria-label={t.counters.title}>
      <div className="card-head">
        <h2>{t.counters.today}</h2>
        <span className="dim">{t.counters.note}</span>
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
            {wrong === 0 ? t.counters.signed(lines.length) : t.counters.unsigned(wrong, lines.length)}
          </summary>
          {/* A long list that scrolls must be reachable by keyboard. */}
          {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
          <ol className="counter-lines" tabIndex={0} dir="ltr" aria-label={t.counters.lines}>
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
