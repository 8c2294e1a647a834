import { useEffect, useRef, useState } from 'preact/hooks'
import { words } from '../api'
import { Note } from '../page'
import { m } from '../words'
import { begin, next, poses, taken, type Guide } from './guide'
import { cameraProblem, drawn, glance, play } from './photo'
import { lookAt, type Look } from './quality'
import { upload } from './upload'

/** A photo that was taken, where to see it, and what was found wrong with it. */
interface Photo {
  blob: Blob
  url: string
  wrong?: string
}

/** How often the phone looks at what its camera sees. */
const lookEvery = 180
/** How long words stay before others take their place: a screen reader has to say them. */
const wordsStay = 1_400

/** Three photos, taken by themselves when they are good, by a press, or from files; then off they go. */
export function Capture({ done }: { done(): void }) {
  const video = useRef<HTMLVideoElement>(null)
  const [stream, setStream] = useState<MediaStream>()
  const [photos, setPhotos] = useState<Photo[]>([])
  const [says, setSays] = useState(m.photosHow)
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const guide = useRef<Guide>(begin(0))
  const left = useRef(false)
  const full = photos.length >= poses
  const wrong = photos.some((photo) => photo.wrong)

  const keep = (blobs: Blob[]) =>
    setPhotos((all) => [...all, ...blobs.map((blob) => ({ blob, url: URL.createObjectURL(blob) }))].slice(0, poses))

  useEffect(() => () => void (left.current = true), [])
  useEffect(() => {
    if (!stream || !video.current) return
    play(video.current, stream)
    const ended = () => {
      setStream(undefined)
      setError(m.camera.failed)
    }
    stream.getTracks().forEach((track) => track.addEventListener('ended', ended)) // unplugged, or no longer allowed
    return () => stop(stream)
  }, [stream])

  // Looks at the picture again and again, until there are enough photos. Only photos leave this loop.
  useEffect(() => {
    const seen = video.current
    if (!stream || !seen || full) return
    const canvas = document.createElement('canvas')
    let look: Look | undefined
    let said = { words: '', at: 0 }
    let ended = false
    const again = () => {
      if (ended) return
      const now = performance.now()
      const picture = glance(seen, canvas)
      if (picture) {
        look = lookAt(picture, look)
        const step = next(guide.current, look, now)
        guide.current = step.guide
        if (step.take || (step.says !== said.words && now - said.at > wordsStay)) {
          said = { words: step.says, at: now }
          setSays(step.says)
        }
        if (step.take) void drawn(seen).then((blob) => keep([blob]))
      }
      timer = setTimeout(again, lookEvery)
    }
    let timer = setTimeout(again, lookEvery)
    return () => {
      ended = true
      clearTimeout(timer)
    }
  }, [stream, full])

  const restart = () => {
    photos.forEach((photo) => URL.revokeObjectURL(photo.url))
    guide.current = begin(performance.now())
    setPhotos([])
    setError('')
    setSays(m.sentence(m.poses[0]!))
  }
  const start = async () => {
    restart()
    try {
      const wanted = { facingMode: 'user', width: 1280, height: 960 }
      const given = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false })
      if (left.current) stop(given) // allowed when nobody waited for it any more
      else setStream(given)
    } catch (problem) {
      setSays(m.photosHow)
      setError(cameraProblem(problem))
    }
  }
  const press = () =>
    drawn(video.current!).then(
      (blob) => {
        guide.current = taken(guide.current, performance.now())
        keep([blob])
      },
      () => {}, // it shows nothing yet
    )
  const choose = async (files: File[]) => {
    restart()
    await Promise.all(files.map(drawn)).then(keep, () => setError(m.unreadable))
  }
  const send = async () => {
    setBusy(true)
    setError('')
    try {
      const answer = await upload(photos.map(({ blob }) => blob))
      if (answer.enrolled) {
        setStream(undefined)
        photos.forEach((photo) => URL.revokeObjectURL(photo.url))
        done()
      } else {
        setPhotos((all) => all.map((photo, i) => (answer.wrong[i] ? { ...photo, wrong: answer.wrong[i] } : photo)))
        setError(answer.message)
      }
    } catch (problem) {
      setError(words(problem))
    }
    setBusy(false)
  }

  const asked = m.poses[photos.length] ?? ''
  return (
    <>
      <div class="camera" data-on={!!stream && !full}>
        <video ref={video} playsInline muted aria-label={m.cameraSees} hidden={!stream} />
        {!stream && <span>{m.cameraOff}</span>}
      </div>
      <p class="strong">{full ? m.areGood : m.photoOf(photos.length + 1, poses, asked)}</p>
      <p role="status">{full ? '' : says}</p>
      <Note tone="neg">{error}</Note>
      {full || (photos.length > 0 && !stream) ? (
        <button type="button" class="primary" disabled={busy || wrong} onClick={send}>
          {busy ? m.sending : m.sendPhotos}
        </button>
      ) : stream ? (
        <button type="button" class="primary" onClick={press}>
          {m.takeNow}
        </button>
      ) : (
        <button type="button" class="primary" onClick={start}>
          {m.startCamera}
        </button>
      )}
      {photos.length > 0 && (
        <>
          <ol class="photos" aria-label={m.photos}>
            {photos.map((photo, i) => (
              <li key={photo.url}>
                <div class="frame">
                  <img src={photo.url} alt={m.photo(i + 1)} />
                </div>
                {photo.wrong && <p class="small">{photo.wrong}</p>}
              </li>
            ))}
          </ol>
          <button type="button" disabled={busy} onClick={stream ? restart : start}>
            {m.beginAgain}
          </button>
        </>
      )}
      <label class="button">
        {m.choosePhotos}
        <input
          class="hidden"
          type="file"
          accept="image/*"
          multiple
          onChange={(event) => {
            void choose([...(event.currentTarget.files ?? [])].slice(0, poses))
            event.currentTarget.value = ''
          }}
        />
      </label>
      <p class="dim small">{m.photosWhere}</p>
    </>
  )
}

const stop = (stream: MediaStream) => stream.getTracks().forEach((track) => track.stop())
