import { useEffect, useRef, useState } from 'preact/hooks'
import { words } from '../api'
import { Note } from '../page'
import { cameraProblem, drawn, play, poses } from './photo'
import { upload } from './upload'

/** A photo that was taken, where to see it, and what was found wrong with it. */
interface Photo {
  blob: Blob
  url: string
  wrong?: string
}

/** Three photos, by the camera or from files, and off they go. */
export function Enrolment({ done }: { done(): void }) {
  const video = useRef<HTMLVideoElement>(null)
  const [stream, setStream] = useState<MediaStream>()
  const [photos, setPhotos] = useState<(Photo | undefined)[]>(poses.map(() => undefined))
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const next = photos.findIndex((photo) => !photo || photo.wrong)

  useEffect(() => {
    if (!stream || !video.current) return
    play(video.current, stream)
    return () => stream.getTracks().forEach((track) => track.stop())
  }, [stream])
  useEffect(() => () => photos.forEach((photo) => photo && URL.revokeObjectURL(photo.url)), [])

  const start = async () => {
    setError('')
    try {
      const video = { facingMode: 'user', width: 1280, height: 960 }
      setStream(await navigator.mediaDevices.getUserMedia({ video, audio: false }))
    } catch (problem) {
      setError(cameraProblem(problem))
    }
  }
  const take = (sources: (HTMLVideoElement | Blob)[]) => {
    setError('')
    return Promise.all(sources.map(drawn)).then(
      (blobs) => setPhotos((all) => filled(all, blobs)),
      () => setError('This file is no picture that this phone can read. Choose another.'),
    )
  }
  const send = async () => {
    setBusy(true)
    setError('')
    try {
      const answer = await upload(photos.flatMap((photo) => (photo ? [photo.blob] : [])))
      if (answer.enrolled) {
        setStream(undefined)
        done()
      } else {
        setPhotos((all) => all.map((photo, i) => (photo && answer.wrong[i] ? { ...photo, wrong: answer.wrong[i] } : photo)))
        setError(answer.message)
      }
    } catch (problem) {
      setError(words(problem))
    }
    setBusy(false)
  }

  return (
    <>
      <div class="camera">
        <video ref={video} playsInline muted aria-label="What the camera sees" hidden={!stream} />
        {!stream && <span>The camera is off</span>}
      </div>
      <p role="status">{next < 0 ? 'Three photos. Are they good?' : `Photo ${next + 1} of ${poses.length}: ${poses[next]!.toLowerCase()}.`}</p>
      {next < 0 ? (
        <button type="button" class="primary" disabled={busy} onClick={send}>
          {busy ? 'Sending…' : 'Send these photos'}
        </button>
      ) : stream ? (
        <button type="button" class="primary" onClick={() => take([video.current!])}>
          Take photo
        </button>
      ) : (
        <button type="button" class="primary" onClick={start}>
          Start the camera
        </button>
      )}
      <Note tone="neg">{error}</Note>
      <ol class="photos" aria-label="Photos">
        {photos.map((photo, i) => (
          <li key={poses[i]}>
            <div class="frame">{photo ? <img src={photo.url} alt={`Photo ${i + 1}`} /> : i + 1}</div>
            {photo && (
              <button type="button" class="plain" disabled={busy} onClick={() => setPhotos((all) => all.with(i, undefined))}>
                Again
              </button>
            )}
            {photo?.wrong && <p class="small">{photo.wrong}</p>}
          </li>
        ))}
      </ol>
      <label class="button">
        Choose photos instead
        <input
          class="hidden"
          type="file"
          accept="image/*"
          multiple
          onChange={(event) => {
            void take([...(event.currentTarget.files ?? [])].slice(0, poses.length))
            event.currentTarget.value = ''
          }}
        />
      </label>
    </>
  )
}

/** The photos with these put into the places that are empty or to be taken again. */
function filled(photos: (Photo | undefined)[], blobs: Blob[]): (Photo | undefined)[] {
  const rest = [...blobs]
  return photos.map((photo) => {
    if (photo && !photo.wrong) return photo
    const blob = rest.shift()
    return blob ? { blob, url: URL.createObjectURL(blob) } : photo
  })
}
