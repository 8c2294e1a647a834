import { useEffect, useState } from 'preact/hooks'
import { words } from '../api'
import { Note } from '../page'
import { m } from '../words'
import { getCameras, type Cameras, type Counts } from './api'
import { verify, type Verdict } from './verify'

type Camera = Cameras['cameras'][number]

/** What the shop's cameras counted, as they signed it. Loaded when it is opened. */
export function Counters() {
  const [shop, setShop] = useState('')
  const [cameras, setCameras] = useState<Cameras>()
  const [error, setError] = useState('')
  const [open, setOpen] = useState(false)
  useEffect(() => {
    if (!open) return
    setError('')
    getCameras(shop).then(setCameras, (problem) => setError(words(problem)))
  }, [open, shop])
  return (
    <details class="why" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{m.countedTitle}</summary>
      <div>
        <Note tone="neg">{error}</Note>
        {cameras && cameras.shops.length === 0 && <p class="dim">{m.noCameras}</p>}
        {cameras && cameras.shops.length > 1 && (
          <label class="field">
            {m.shop}
            <select value={cameras.shop.id} onChange={(event) => setShop(event.currentTarget.value)}>
              {cameras.shops.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </select>
          </label>
        )}
        {cameras?.cameras.map((camera) => (
          <Counted key={camera.camera} camera={camera} cameras={cameras} />
        ))}
        <p class="dim small">{m.countedWhat}</p>
      </div>
    </details>
  )
}

const rows = ['seen', 'too_poor', 'matched', 'unknown', 'discarded'] as const satisfies (keyof Counts)[]

function Counted({ camera, cameras }: { camera: Camera; cameras: Cameras }) {
  const [verdicts, setVerdicts] = useState<Verdict[]>()
  const check = async () => setVerdicts(await Promise.all(camera.lines.map((line) => checked(line, cameras))))
  return (
    <section aria-label={camera.zone_name || camera.camera}>
      <h3>
        {camera.zone_name || camera.camera} <span class="faint small">{m.cameraToday(camera.camera)}</span>
      </h3>
      {camera.lines.length === 0 ? (
        <p class="dim small">{m.signedNothing}</p>
      ) : (
        <>
          <table class="counts">
            <tbody>
              {rows.map((field) => (
                <tr key={field}>
                  <th scope="row">{m.counts[field]}</th>
                  <td>{camera.today[field]}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="small">{m.latestMinutes}</p>
          <ol class="lines">
            {camera.lines.map((line, i) => (
              <li key={line.signature}>
                <code dir="ltr">{line.line}</code>
                {verdicts && <span class="pill" data-tone={tones[verdicts[i]!]}>{says(verdicts[i]!, line.verified)}</span>}
              </li>
            ))}
          </ol>
          <button type="button" onClick={check}>
            {m.verify}
          </button>
          <p role="status" class="small">
            {verdicts && summary(verdicts)}
          </p>
        </>
      )}
    </section>
  )
}

/** Checks a line with the key that it names. */
async function checked({ line, signature }: Camera['lines'][number], { keys }: Cameras): Promise<Verdict> {
  const key = keys.find(({ key }) => line.endsWith(` key=${key}`))
  return key ? verify(line, signature, key.public) : 'wrong'
}

const tones: Record<Verdict, string> = { right: 'pos', wrong: 'warn', unable: '' }

const says = (verdict: Verdict, verified: boolean) =>
  verdict === 'right' ? m.lineRight : verdict === 'wrong' || !verified ? m.lineWrong : m.lineShop

const summary = (verdicts: Verdict[]) =>
  verdicts.includes('wrong')
    ? m.someWrong
    : verdicts.includes('unable')
      ? m.cannotCheck
      : m.allRight
