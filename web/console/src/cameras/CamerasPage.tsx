import { useCameras, useMay, type CameraNow, type CameraProcess } from '@aisle/api'
import { ago, count, Empty, fixed, Status, useNow } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { LinkButton } from '../LinkButton'
import { advice, cameraState, kindWord, lastPicture, latency, megabytes } from './camera'
import { t } from './words'

/** Whether every camera sees, and what to do about those that do not. */
export default function CamerasPage() {
  const asked = useCameras()
  return (
    <Page title={t.list.title} note={t.list.note}>
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
        <Empty title={t.list.none} action={may && <LinkButton to="/shops">{t.openPlan}</LinkButton>}>
          {t.list.noneMore}
        </Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label={t.list.title}>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.list.camera}</th>
              <th scope="col">{t.list.state}</th>
              <th scope="col">{t.list.where}</th>
              <th scope="col">{t.by}</th>
              <th scope="col" className="n">
                {t.list.rates}
              </th>
              <th scope="col" className="n">
                {t.latency}
              </th>
              <th scope="col" className="n">
                {t.list.facesToday}
              </th>
              <th scope="col" className="n">
                {t.lastPicture}
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
                    <Status state={cameraState(camera.state)} />
                    {what && <p className="dim small" dir="auto" style={{ maxWidth: '42ch', whiteSpace: 'normal' }}>{what}</p>}
                  </td>
                  <td>{shop_name ? [shop_name, zone_name].filter(Boolean).join(' · ') : <span style={{ color: 'var(--warn)' }}>{t.onNoPlan}</span>}</td>
                  <td>{kindWord(health?.kind)}</td>
                  <td className="n">{health ? t.list.rate(fixed(health.looked_at, 1), fixed(health.fps, 1)) : '–'}</td>
                  <td className="n">{latency(health?.latency_s)}</td>
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
    <section className="card" aria-label={t.processes.title}>
      <div className="card-head">
        <h2>{t.processes.title}</h2>
        <span className="dim">{t.processes.note}</span>
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.processes.process}</th>
              <th scope="col">{t.processes.state}</th>
              <th scope="col">{t.processes.model}</th>
              <th scope="col" className="n">
                {t.processes.known}
              </th>
              <th scope="col" className="n">
                {t.processes.waiting}
              </th>
              <th scope="col" className="n">
                {t.processes.lost}
              </th>
              <th scope="col" className="n">
                {t.processes.started}
              </th>
              <th scope="col" className="n">
                {t.processes.heard}
              </th>
            </tr>
          </thead>
          <tbody>
            {processes.map((it) => (
              <tr key={it.id}>
                <td>
                  <span className="strong">{it.name || t.processes.unnamed}</span> <span className="dim mono small">{it.id}</span>
                </td>
                <td>
                  <Status state={it.lost ? { word: t.processes.isLost, tone: 'bad' } : { word: t.processes.runs, tone: 'good' }} />
                </td>
                <td className="mono">{it.model}</td>
                <td className="n">{t.processes.people(it.gallery_people)}</td>
                <td className="n">{it.spool_sightings > 0 ? t.processes.spool(count(it.spool_sightings), megabytes(it.spool_bytes)) : t.processes.nothing}</td>
                <td className="n">{it.dropped + it.refused > 0 ? t.processes.losses(count(it.dropped), count(it.refused)) : t.processes.none}</td>
                <td className="n">
                  {ago(it.started, now)}
                  {it.restarts > 0 && <span className="dim">{t.processes.restarts(it.restarts)}</span>}
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
