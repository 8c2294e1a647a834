import jsQR from 'jsqr'
import { describe, expect, test } from 'vitest'
import { path, qr, reedSolomon, size } from './qr'

/** Reads the modules as a till's scanner would: from a picture, with a quiet zone. */
function scanned(modules: boolean[][]): string | undefined {
  const scale = 6
  const quiet = 4
  const side = (size + 2 * quiet) * scale
  const pixels = new Uint8ClampedArray(side * side * 4).fill(255)
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const dark = modules[Math.floor(y / scale) - quiet]?.[Math.floor(x / scale) - quiet]
      if (dark) pixels.fill(0, (y * side + x) * 4, (y * side + x) * 4 + 3)
    }
  }
  return jsQR(pixels, side, side)?.data
}

describe('qr', () => {
  test.each(['7K3M9QXZ', '00000000', 'ZZZZZZZZ', 'A', 'ODD LENGTH', '0123456789ABCDEF'])('%s is read back', (code) => {
    expect(scanned(qr(code)!)).toBe(code)
  })

  test('is read back with a corner of it hidden', () => {
    const modules = qr('7K3M9QXZ')!
    for (const row of modules.slice(13, 18)) row.fill(false, 17, 21)
    expect(scanned(modules)).toBe('7K3M9QXZ')
  })

  test.each(['small letters', 'UMLAUT Ä', 'MORE THAN 16 OF THEM'])('%s does not go into one', (code) => {
    expect(qr(code)).toBeUndefined()
  })

  test('draws one square for each dark module', () => {
    const modules = qr('7K3M9QXZ')!
    expect(path(modules).match(/M/g)).toHaveLength(modules.flat().filter(Boolean).length)
  })
})

test('reedSolomon agrees with the example of ISO/IEC 18004, annex I', () => {
  const data = [0x10, 0x20, 0x0c, 0x56, 0x61, 0x80, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11, 0xec, 0x11]
  expect(reedSolomon(data, 10)).toEqual([0xa5, 0x24, 0xd4, 0xc1, 0xed, 0x36, 0xc7, 0x87, 0x2c, 0x55])
})
