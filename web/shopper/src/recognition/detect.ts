import cascade from './cascade.json'

/** A picture as brightness only: a byte a pixel, row by row. */
export interface Gray {
  width: number
  height: number
  pixels: Uint8Array
}

/** Where a face is, in pixels, and how many windows of the search agreed. */
export interface Face {
  x: number
  y: number
  size: number
  agreed: number
}

const { width: side, features, stages } = cascade
/** From one size that is looked for to the next. */
const step = 1.2
/** Fewer windows in one place are a trick of the light. */
const leastAgreed = 3

/**
 * The faces in a picture, largest first, each at least so many pixels wide. It runs on the phone alone, some ten
 * milliseconds a picture: a cascade of local binary patterns (Liao et al., 2007), trained by Puttemans, Ergun and
 * Goedemé (2017); see public/cascade-license.txt.
 */
export function faces(picture: Gray, least: number): Face[] {
  const found: Face[] = []
  const widest = Math.min(picture.width, picture.height)
  for (let scale = Math.max(1, least / side); side * scale <= widest; scale *= step) {
    const width = Math.floor(picture.width / scale)
    const height = Math.floor(picture.height / scale)
    const sums = integral(picture, width, height)
    for (let y = 0; y + side <= height; y += 2) {
      for (let x = 0; x + side <= width; x += 2) {
        if (isFace(sums, width + 1, x, y)) found.push({ x: x * scale, y: y * scale, size: side * scale, agreed: 1 })
      }
    }
  }
  return together(found)
}

/** Sums of all pixels above and left of each, of the picture drawn at another size; one column and row more. */
function integral({ pixels, width: from, height: rows }: Gray, width: number, height: number): Int32Array {
  const sums = new Int32Array((width + 1) * (height + 1))
  for (let y = 0; y < height; y++) {
    const top = Math.floor((y * rows) / height)
    const bottom = Math.max(top + 1, Math.floor(((y + 1) * rows) / height))
    let row = 0
    for (let x = 0; x < width; x++) {
      const left = Math.floor((x * from) / width)
      const right = Math.max(left + 1, Math.floor(((x + 1) * from) / width))
      let sum = 0
      for (let v = top; v < bottom; v++) for (let u = left; u < right; u++) sum += pixels[v * from + u]!
      row += Math.round(sum / ((bottom - top) * (right - left)))
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1]! + row
    }
  }
  return sums
}

function isFace(sums: Int32Array, stride: number, x: number, y: number): boolean {
  for (const { threshold, weak } of stages) {
    let votes = 0
    for (const one of weak as number[][]) {
      // Which feature, eight words of the patterns that speak against a face, and both votes.
      const code = pattern(sums, stride, x, y, features[one[0]!]!)
      votes += one[1 + (code >> 5)]! & (1 << (code & 31)) ? one[9]! : one[10]!
    }
    if (votes < threshold) return false
  }
  return true
}

/** The sum of a block's pixels, by the place of its corner. */
function block(sums: Int32Array, at: number, width: number, below: number): number {
  return sums[at + below + width]! - sums[at + below]! - sums[at + width]! + sums[at]!
}

/** Which of the eight blocks around a block are as bright: a bit each, clockwise from the top left. */
function pattern(sums: Int32Array, stride: number, x: number, y: number, feature: number[]): number {
  const width = feature[2]!
  const below = feature[3]! * stride
  const top = (y + feature[1]!) * stride + x + feature[0]!
  const row = top + below
  const bottom = row + below
  const middle = block(sums, row + width, width, below)
  return (
    (block(sums, top, width, below) >= middle ? 128 : 0) |
    (block(sums, top + width, width, below) >= middle ? 64 : 0) |
    (block(sums, top + 2 * width, width, below) >= middle ? 32 : 0) |
    (block(sums, row + 2 * width, width, below) >= middle ? 16 : 0) |
    (block(sums, bottom + 2 * width, width, below) >= middle ? 8 : 0) |
    (block(sums, bottom + width, width, below) >= middle ? 4 : 0) |
    (block(sums, bottom, width, below) >= middle ? 2 : 0) |
    (block(sums, row, width, below) >= middle ? 1 : 0)
  )
}

/** Windows in the same place are one face. */
function together(windows: Face[]): Face[] {
  const groups: Face[] = []
  for (const window of windows) {
    const group = groups.find((group) => overlap(group, window) > 0.35)
    if (!group) {
      groups.push({ ...window })
      continue
    }
    const n = group.agreed
    group.x = (group.x * n + window.x) / (n + 1)
    group.y = (group.y * n + window.y) / (n + 1)
    group.size = (group.size * n + window.size) / (n + 1)
    group.agreed++
  }
  return groups.filter(({ agreed }) => agreed >= leastAgreed).toSorted((a, b) => b.size - a.size)
}

/** The intersection of two squares over their union. */
function overlap(a: Face, b: Face): number {
  const width = Math.min(a.x + a.size, b.x + b.size) - Math.max(a.x, b.x)
  const height = Math.min(a.y + a.size, b.y + b.size) - Math.max(a.y, b.y)
  if (width <= 0 || height <= 0) return 0
  return (width * height) / (a.size * a.size + b.size * b.size - width * height)
}
