import { m } from '../words'
import type { Gray } from './detect'
import { lookWidth } from './quality'

/** Longest side that is sent, in pixels: enough for a face at arm's length. */
const longestSide = 1280

/**
 * A photo as it is sent: a JPEG drawn anew, so that what a phone writes into
 * its files (where and when) stays on the phone.
 */
export async function drawn(source: HTMLVideoElement | Blob): Promise<Blob> {
  const image = source instanceof Blob ? await createImageBitmap(source) : source
  const { width, height } = sizeOf(image)
  const scale = Math.min(1, longestSide / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((done, failed) =>
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('empty picture'))), 'image/jpeg', 0.9),
  )
}

/** What the camera sees now, small and without colour. Nothing while it shows nothing. */
export function glance(video: HTMLVideoElement, canvas: HTMLCanvasElement): Gray | undefined {
  if (video.videoWidth === 0) return undefined
  canvas.width = lookWidth
  canvas.height = Math.round((lookWidth * video.videoHeight) / video.videoWidth)
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.drawImage(video, 0, 0, canvas.width, canvas.height)
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height)
  const pixels = new Uint8Array(canvas.width * canvas.height)
  for (let i = 0; i < pixels.length; i++) {
    pixels[i] = (299 * data[4 * i]! + 587 * data[4 * i + 1]! + 114 * data[4 * i + 2]!) / 1000
  }
  return { width: canvas.width, height: canvas.height, pixels }
}

const sizeOf = (image: HTMLVideoElement | ImageBitmap) =>
  image instanceof ImageBitmap ? image : { width: image.videoWidth, height: image.videoHeight }

/** Shows what the camera sees. */
export function play(video: HTMLVideoElement, stream: MediaStream) {
  video.srcObject = stream
  // A page that is left at once interrupts it, which is no fault.
  video.play().catch(() => {})
}

/** Why the camera did not start, for people. */
export function cameraProblem(error: unknown): string {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError') return m.camera.denied
  if (name === 'NotFoundError') return m.camera.none
  if (name === 'NotReadableError') return m.camera.busy
  return m.camera.failed
}
