import { useEffect, useState } from 'preact/hooks'
import { words } from '../api'
import { Note } from '../page'
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
      <summary>What the cameras counted</summary>
      <div>
        <Note tone="neg">{error}</Note>
        {cameras && cameras.shops.length === 0 && <p class="dim">No shop has a camera that recognises people.</p>}
        {cameras && cameras.shops.length > 1 && (
          <label class="field">
            Shop
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
        <p class="dim small">
          No picture is kept, and the description of a face that passes is forgotten at once. Only the one by which somebody who
          enrolled was named is kept for 24 hours, encrypted. Each minute the camera signs how many there were.
        </p>
      </div>
    </details>
  )
}

const rows: [keyof Counts, string][] = [
  ['seen', 'Faces in pictures'],
  ['too_poor', 'Too small, dark or blurred to be described'],
  ['matched', 'People who asked to be recognised, and were'],
  ['unknown', 'People who passed as strangers'],
  ['discarded', 'Descriptions forgotten after a look'],
]

function Counted({ camera, cameras }: { camera: Camera; cameras: Cameras }) {
  const [verdicts, setVerdicts] = useState<Verdict[]>()
  const check = async () => setVerdicts(await Promise.all(camera.lines.map((line) => checked(line, cameras))))
  return (
    <section aria-label={camera.zone_name || camera.camera}>
      <h3>
        {camera.zone_name || camera.camera} <span class="faint small">{camera.camera}, today</span>
      </h3>
      {camera.lines.length === 0 ? (
        <p class="dim small">It has signed nothing lately: no process looks at its pictures.</p>
      ) : (
        <>
          <table class="counts">
            <tbody>
              {rows.map(([field, name]) => (
                <tr key={field}>
                  <th scope="row">{name}</th>
                  <td>{camera.today[field]}</td>
                </tr>
              ))}
            </tbody>
          </table>
          <p class="small">The latest minutes, as it signed them:</p>
          <ol class="lines">
            {camera.lines.map((line, i) => (
              <li key={line.signature}>
                <code>{line.line}</code>
                {verdicts && <span class="pill" data-tone={tones[verdicts[i]!]}>{says(verdicts[i]!, line.verified)}</span>}
              </li>
            ))}
          </ol>
          <button type="button" onClick={check}>
            Verify the signatures
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
  verdict === 'right' ? 'signature right' : verdict === 'wrong' || !verified ? 'signature wrong' : 'the shop says: right'

const summary = (verdicts: Verdict[]) =>
  verdicts.includes('wrong')
    ? 'A signature does not fit. Show this to the shop.'
    : verdicts.includes('unable')
      ? 'This browser cannot check signatures: what stands here is what the shop found.'
      : 'All signatures were checked on this phone, and are right.'
