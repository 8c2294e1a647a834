import { faces, type Face, type Gray } from './detect'

/** What keeps a picture from being a good one, the first that applies. */
export type Trouble = 'no_face' | 'several' | 'far' | 'aside' | 'dark' | 'bright' | 'flat' | 'blurred' | 'moving'

/** One look at what the camera sees. */
export interface Look {
  trouble?: Trouble
  face?: Face
}

/** How wide the picture is that is looked at; faces are searched for in one half as wide. */
export const lookWidth = 480

/**
 * What must hold before a picture is taken: stricter than what the shop asks of it, so that what was taken is not sent
 * back. Sizes are of the eyes to the mouth, which is what is found.
 */
const least = 45 // pixels of half the width: the search sees smaller ones, too, than are near enough
const nearEnough = 0.26 // of the picture’s shorter side
const aside = 0.2 // of the picture, from its middle
const dark = 55
const bright = 210
const flat = 16
const sharp = 0.1
const still = 0.15 // of the face, from one look to the next: blur is seen by itself

/** Looks at a picture; before is the look before. */
export function lookAt(picture: Gray, before?: Look): Look {
  const [face, ...others] = faces(halved(picture), least).map(doubled)
  if (!face) return { trouble: 'no_face' }
  // Somebody far behind, or a pattern on the wall, is half as large at most.
  if (others.some(({ size }) => size * 2 >= face.size)) return { trouble: 'several', face }
  const trouble = troubleWith(picture, face, cut(picture, face), before?.face)
  return trouble ? { face, trouble } : { face }
}

const doubled = ({ x, y, size, agreed }: Face): Face => ({ x: 2 * x, y: 2 * y, size: 2 * size, agreed })

function halved({ width: from, height: rows, pixels }: Gray): Gray {
  const width = from >> 1
  const height = rows >> 1
  const half = new Uint8Array(width * height)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 2 * y * from + 2 * x
      half[y * width + x] = (pixels[at]! + pixels[at + 1]! + pixels[at + from]! + pixels[at + from + 1]!) >> 2
    }
  }
  return { width, height, pixels: half }
}

function troubleWith({ width, height }: Gray, face: Face, patch: Float32Array, before?: Face): Trouble | undefined {
  if (face.size < nearEnough * Math.min(width, height)) return 'far'
  const x = (face.x + face.size / 2) / width - 0.5
  const y = (face.y + face.size / 2) / height - 0.5
  if (Math.abs(x) > aside || Math.abs(y) > aside) return 'aside'
  const { mean, deviation } = spread(patch)
  if (mean < dark) return 'dark'
  if (mean > bright) return 'bright'
  if (deviation < flat) return 'flat'
  if (sharpness(patch, deviation) < sharp) return 'blurred'
  if (!before || Math.hypot(face.x - before.x, face.y - before.y) > still * face.size + 2) return 'moving'
  return undefined
}

const patchSide = 48

/** The face, at one size. */
function cut({ pixels, width, height }: Gray, face: Face): Float32Array {
  const patch = new Float32Array(patchSide * patchSide)
  const cell = face.size / patchSide
  for (let row = 0; row < patchSide; row++) {
    for (let column = 0; column < patchSide; column++) {
      let sum = 0
      let n = 0
      for (let v = Math.floor(face.y + row * cell); v < face.y + (row + 1) * cell; v++) {
        for (let u = Math.floor(face.x + column * cell); u < face.x + (column + 1) * cell; u++) {
          if (u < 0 || v < 0 || u >= width || v >= height) continue
          sum += pixels[v * width + u]!
          n++
        }
      }
      patch[row * patchSide + column] = n ? sum / n : 0
    }
  }
  return patch
}

function spread(values: Float32Array) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length)
  return { mean, deviation }
}

/** How much of what there is to see is edges: little where it is blurred, however bright it is. */
function sharpness(patch: Float32Array, deviation: number): number {
  let sum = 0
  for (let row = 1; row < patchSide - 1; row++) {
    for (let column = 1; column < patchSide - 1; column++) {
      const i = row * patchSide + column
      sum += (patch[i - 1]! + patch[i + 1]! + patch[i - patchSide]! + patch[i + patchSide]! - 4 * patch[i]!) ** 2
    }
  }
  return sum / (patchSide - 2) ** 2 / deviation ** 2
}
