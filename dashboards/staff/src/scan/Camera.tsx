import { Button } from '@mantine/core'
import { Camera as CameraIcon, CameraOff } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { t } from '../words'
import { codeOf, reader } from './read'

/** How often a picture is read, in milliseconds. */
const every = 150

/** The camera of this phone or tablet, looking for a code. Its pictures stay here. */
export function Camera({ onCode }: { onCode: (code: string) => void }) {
  const [on, setOn] = useState(false)
  const [problem, setProblem] = useState('')
  const video = useRef<HTMLVideoElement>(null)
  const found = useRef(onCode)
  found.current = onCode

  useEffect(() => {
    if (!on) return
    let ended = false
    let timer: ReturnType<typeof setTimeout> | undefined
    let stream: MediaStream | undefined
    const look = async () => {
      const camera = navigator.mediaDevices?.getUserMedia({ video: { facingMode: 'environment', width: { ideal: 1280 } } })
      if (!camera) throw new Error('no camera')
      stream = await camera
      if (ended) return stop()
      const picture = video.current!
      picture.srcObject = stream
      await picture.play()
      const read = await reader()
      const next = async () => {
        if (ended) return
        const code = codeOf((await read(picture).catch(() => undefined)) ?? '')
        if (ended) return
        if (code) {
          found.current(code)
          setOn(false)
        } else timer = setTimeout(() => void next(), every)
      }
      await next()
    }
    const stop = () => stream?.getTracks().forEach((track) => track.stop())
    look().catch(() => {
      if (ended) return
      setProblem(t.scan.noCamera)
      setOn(false)
    })
    return () => {
      ended = true
      clearTimeout(timer)
      stop()
    }
  }, [on])

  return (
    <div className="scan-camera">
      {on && <video ref={video} muted playsInline aria-label={t.scan.picture} />}
      <Button
        variant={on ? 'default' : 'filled'}
        size="md"
        leftSection={on ? <CameraOff size={18} /> : <CameraIcon size={18} />}
        onClick={() => {
          setProblem('')
          setOn(!on)
        }}
      >
        {on ? t.scan.stop : t.scan.scan}
      </Button>
      {problem && <p role="alert" className="error">{problem}</p>}
    </div>
  )
}
