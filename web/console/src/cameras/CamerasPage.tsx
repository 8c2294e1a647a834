import { useCameras, useMay, type CameraNow, type CameraProcess } from '@aisle/api'
import { ago, count, Empty, plural, Status, useNow } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'
import { advice, cameraState, kindWord, lastPicture, megabytes } from './words'

/** Whether every camera sees, and what to do about those that do not. */
export default function CamerasPage() {
  const asked = useCameras()
  return (
    <Page title="Cameras" note="Pictures are looked at beside the camera and forgotten at once. What comes here is how cameras do, and who came by of those who asked to be recognised.">
      <Loaded of={asked}>
        {({ cameras, processes }) => (
          <div className="stack" style={{ gap: 16 }}>
            <List cameras={cameras} />
            <Processes processes={processes} />
          </div>
        )}
      </Loaded>
    </Page>
  )
}

function List({ cameras }: { cameras: CameraNow[] }) {
  const now = useNow(5_000)
  const may = useMay('marketer', 'admin')
  if (cameras.length === 0) {
    return (
      <div className="card">
        <Empty title="No camera yet" action={may && <LinkButton to="/shops">Open a shop’s plan</LinkButton>}>
          Put cameras on the plan of a shop, and give the cameras’ process the same names. A tablet is a camera, too.
        </Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label="Cameras">
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Camera</th>
              <th scope="col">State</th>
              <th scope="col">Where</th>
              <th scope="col">By</th>
              <th scope="col" className="n">
                Looked at, of pictures a second
              </th>
              <th scope="col" className="n">
                Latency
              </th>
              <th scope="col" className="n">
                Faces today
              </th>
              <th scope="col" className="n">
                Last picture
              </th>
            </tr>
          </thead>
          <tbody>
            {cameras.map((camera) => {
              const { id, shop_name, zone_name, health, today } = camera
              const what = advice(camera)
              const last = lastPicture(camera, now)
              return (
                <tr key={id}>
                  <td>
                    <Link to="/cameras/$camera" params={{ camera: id }} className="link mono">
                      {id}
                    </Link>
                  </td>
                  <td>
                    <Status state={cameraState[camera.state]} />
                    {what && <p className="dim small" style={{ maxWidth: '42ch', whiteSpace: 'normal' }}>{what}</p>}
                  </td>
                  <td>{shop_name ? [shop_name, zone_name].filter(Boolean).join(' · ') : <span style={{ color: 'var(--warn)' }}>On no floor plan</span>}</td>
                  <td>{kindWord(health?.kind)}</td>
                  <td className="n">{health ? `${health.looked_at.toFixed(1)} of ${health.fps.toFixed(1)}` : '–'}</td>
                  <td className="n">{health && health.latency_s > 0 ? `${Math.round(health.latency_s * 1_000)} ms` : '–'}</td>
                  <td className="n">{count(today.seen)}</td>
                  <td className="n">{last === undefined ? '–' : ago(last, now)}</td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function Processes({ processes }: { processes: CameraProcess[] }) {
  const now = useNow(5_000)
  if (processes.length === 0) return null
  return (
    <section className="card" aria-label="Processes at the cameras">
      <div className="card-head">
        <h2>Processes at the cameras</h2>
        <span className="dim">they keep sightings on their disk while this house cannot be reached</span>
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Process</th>
              <th scope="col">State</th>
              <th scope="col">Tells faces apart by</th>
              <th scope="col" className="n">
                Can be recognised
              </th>
              <th scope="col" className="n">
                Waits to be sent
              </th>
              <th scope="col" className="n">
                Lost
              </th>
              <th scope="col" className="n">
                Started
              </th>
              <th scope="col" className="n">
                Last heard
              </th>
            </tr>
          </thead>
          <tbody>
            {processes.map((it) => (
              <tr key={it.id}>
                <td>
                  <span className="strong">{it.name || 'unnamed'}</span> <span className="dim mono small">{it.id}</span>
                </td>
                <td>
                  <Status state={it.lost ? { word: 'Lost', tone: 'bad' } : { word: 'Runs', tone: 'good' }} />
                </td>
                <td className="mono">{it.model}</td>
                <td className="n">{plural(it.gallery_people, 'person', 'people')}</td>
                <td className="n">{it.spool_sightings > 0 ? `${count(it.spool_sightings)}, ${megabytes(it.spool_bytes)}` : 'nothing'}</td>
                <td className="n">{it.dropped + it.refused > 0 ? `${count(it.dropped)} dropped, ${count(it.refused)} refused` : 'none'}</td>
                <td className="n">
                  {ago(it.started, now)}
                  {it.restarts > 0 && <span className="dim">, {plural(it.restarts, 'restart')}</span>}
                </td>
                <td className="n">{ago(it.told, now)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
