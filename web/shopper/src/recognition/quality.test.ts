import { expect, test } from 'vitest'
import { faces, type Gray } from './detect'
import { drawnPixels } from './drawn.testdata'
import { lookAt, lookWidth } from './quality'

const drawn: Gray = { width: 128, height: 128, pixels: Uint8Array.from(atob(drawnPixels), (letter) => letter.charCodeAt(0)) }
const lookHeight = (lookWidth * 3) / 4

/** A picture as wide as those of the camera, with people in it: where each is, and how large. */
function scene(people: { x: number; y: number; size: number }[], light = 1, add = 0): Gray {
  const picture = { width: lookWidth, height: lookHeight, pixels: new Uint8Array(lookWidth * lookHeight).fill(90 * light + add) }
  for (const { x, y, size } of people) {
    for (let row = 0; row < size; row++) {
      for (let column = 0; column < size; column++) {
        if (y + row < 0 || x + column < 0 || y + row >= picture.height || x + column >= picture.width) continue
        const from = Math.floor((row * drawn.height) / size) * drawn.width + Math.floor((column * drawn.width) / size)
        picture.pixels[(y + row) * picture.width + x + column] = drawn.pixels[from]! * light + add
      }
    }
  }
  return picture
}

function blurred(picture: Gray, radius: number): Gray {
  const { width, height, pixels } = picture
  const out = new Uint8Array(pixels.length)
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let sum = 0
      let n = 0
      for (let v = Math.max(0, y - radius); v <= Math.min(height - 1, y + radius); v++) {
        for (let u = Math.max(0, x - radius); u <= Math.min(width - 1, x + radius); u++) {
          sum += pixels[v * width + u]!
          n++
        }
      }
      out[y * width + x] = sum / n
    }
  }
  return { width, height, pixels: out }
}

test('faces finds the one that is there', () => {
  const [face, ...others] = faces(scene([{ x: 56, y: 26, size: 256 }]), 45)
  expect(others).toEqual([])
  expect(Math.abs(face!.x + face!.size / 2 - 184)).toBeLessThan(12)
  expect(faces({ width: 160, height: 120, pixels: new Uint8Array(160 * 120).fill(128) }, 40)).toEqual([])
})

const close = { x: 30, y: -15, size: 435 }
test.each([
  ['nobody', scene([]), 'no_face'],
  ['somebody far away', scene([{ x: 70, y: 0, size: 310 }]), 'far'],
  ['two', scene([{ x: -60, y: -15, size: 360 }, { x: 180, y: -15, size: 360 }]), 'several'],
  ['somebody at the edge', scene([{ x: 190, y: 0, size: 435 }]), 'aside'],
  ['the dark', scene([close], 0.3), 'dark'],
  ['too much light', scene([close], 0.2, 215), 'bright'],
  ['fog', scene([close], 0.25, 100), 'flat'],
  ['a hand that shakes', blurred(scene([close]), 8), 'blurred'],
])('lookAt says what is wrong with %s', (_, picture, trouble) => {
  expect(lookAt(picture, lookAt(picture)).trouble).toBe(trouble)
})

test('lookAt wants a face to hold still, and says nothing where all is well', () => {
  const picture = scene([close])
  const first = lookAt(picture)
  expect(first.trouble).toBe('moving')
  const second = lookAt(picture, first)
  expect(second.trouble).toBeUndefined()
  expect(lookAt(scene([{ ...close, x: close.x + 60 }]), second).trouble).toBe('moving')
})
