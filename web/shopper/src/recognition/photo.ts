/** The photos that are asked for, each from another side. */
export const poses = ['Look straight ahead', 'Turn a little to the left', 'Turn a little to the right'] as const

/** Longest side that is sent, in pixels: enough for a face at arm's length. */
const longestSide = 1280

/**
 * A photo as it is sent: a JPEG drawn anew, so that what a phone writes into
 * its files (where and when) stays on the phone.
 */
export async function drawn(source: HTMLVideoElement | Blob): Promise<Blob> {
  const image = source instanceof Blob ? await createImageBitmap(source) : source
  const width = image instanceof ImageBitmap ? image.width : image.videoWidth
  const height = image instanceof ImageBitmap ? image.height : image.videoHeight
  const scale = Math.min(1, longestSide / Math.max(width, height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(width * scale)
  canvas.height = Math.round(height * scale)
  canvas.getContext('2d')!.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((done, failed) =>
    canvas.toBlob((blob) => (blob ? done(blob) : failed(new Error('empty picture'))), 'image/jpeg', 0.9),
  )
}

/** Shows what the camera sees. */
export function play(video: HTMLVideoElement, stream: MediaStream) {
  video.srcObject = stream
  // A page that is left at once interrupts it, which is no fault.
  video.play().catch(() => {})
}

/** Why the camera did not start, for people. */
export function cameraProblem(error: unknown): string {
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'NotAllowedError') return 'This app may not use the camera. Allow it in your browser’s settings, or choose photos instead.'
  if (name === 'NotFoundError') return 'This device has no camera. Choose photos instead.'
  if (name === 'NotReadableError') return 'Another app is using the camera. Close it, then try again, or choose photos instead.'
  return 'The camera did not start. Try again, or choose photos instead.'
}
