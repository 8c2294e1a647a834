/**
 * A QR code for a redemption code, by ISO/IEC 18004: version 1 (21 modules a
 * side), level Q (a quarter of it may be hidden by a thumb), alphanumeric. That
 * is all that eight letters need, and a twentieth of a general library.
 */

/** Modules on a side. */
export const size = 21

const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:'
const dataBytes = 13
const checkBytes = 13
const longest = 16

/** The modules of the code, row by row, true where dark. Undefined where the text is not 16 or fewer of the alphabet. */
export function qr(text: string): boolean[][] | undefined {
  const values = [...text].map((letter) => alphabet.indexOf(letter))
  if (values.length > longest || values.includes(-1)) return undefined
  const data = encode(values)
  return place([...data, ...reedSolomon(data, checkBytes)])
}

/** An SVG path of the dark modules, one unit each. */
export function path(modules: boolean[][]): string {
  return modules
    .flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
}

function encode(values: number[]): number[] {
  const bits: number[] = []
  const push = (value: number, width: number) => {
    for (let i = width - 1; i >= 0; i--) bits.push((value >> i) & 1)
  }
  push(0b0010, 4) // alphanumeric
  push(values.length, 9)
  for (let i = 0; i < values.length; i += 2) {
    const second = values[i + 1]
    if (second === undefined) push(values[i]!, 6)
    else push(values[i]! * 45 + second, 11)
  }
  push(0, Math.min(4, dataBytes * 8 - bits.length))
  while (bits.length % 8) bits.push(0)

  const bytes: number[] = []
  for (let i = 0; i < bits.length; i += 8) {
    bytes.push(bits.slice(i, i + 8).reduce((byte, bit) => (byte << 1) | bit, 0))
  }
  for (let pad = 0xec; bytes.length < dataBytes; pad ^= 0xec ^ 0x11) bytes.push(pad)
  return bytes
}

/** The check bytes of data: the rest of its division by the generator, in GF(256) with polynomial 0x11d. */
export function reedSolomon(data: number[], count: number): number[] {
  const generator: number[] = Array(count).fill(0)
  generator[count - 1] = 1
  for (let i = 0, root = 1; i < count; i++, root = times(root, 2)) {
    for (let j = 0; j < count; j++) {
      generator[j] = times(generator[j]!, root) ^ (generator[j + 1] ?? 0)
    }
  }
  const rest: number[] = Array(count).fill(0)
  for (const byte of data) {
    const factor = byte ^ rest.shift()!
    rest.push(0)
    for (let j = 0; j < count; j++) rest[j] = rest[j]! ^ times(generator[j]!, factor)
  }
  return rest
}

function times(a: number, b: number): number {
  let product = 0
  for (let i = 7; i >= 0; i--) {
    product = (product << 1) ^ ((product >> 7) * 0x11d)
    product ^= ((b >> i) & 1) * a
  }
  return product
}

function place(bytes: number[]): boolean[][] {
  const modules: (boolean | undefined)[][] = Array.from({ length: size }, () => Array(size).fill(undefined))
  const set = (x: number, y: number, dark: boolean) => {
    modules[y]![x] = dark
  }
  finders(set)
  format(set)
  for (let i = 8; i < size - 8; i++) {
    set(i, 6, i % 2 === 0)
    set(6, i, i % 2 === 0)
  }

  // Columns in pairs from the right, up and down by turns, around what is set.
  let bit = 0
  let up = true
  for (let right = size - 1; right > 0; right -= 2, up = !up) {
    if (right === 6) right-- // the timing column
    for (let step = 0; step < size; step++) {
      const y = up ? size - 1 - step : step
      for (const x of [right, right - 1]) {
        if (modules[y]![x] !== undefined) continue
        const dark = (bytes[bit >> 3]! >> (7 - (bit & 7))) & 1
        set(x, y, (dark === 1) !== masked(x, y))
        bit++
      }
    }
  }
  return modules as boolean[][]
}

function finders(set: (x: number, y: number, dark: boolean) => void) {
  for (const [left, top] of [[0, 0], [size - 7, 0], [0, size - 7]] as const) {
    for (let y = -1; y <= 7; y++) {
      for (let x = -1; x <= 7; x++) {
        const inside = left + x >= 0 && left + x < size && top + y >= 0 && top + y < size
        const ring = Math.max(Math.abs(x - 3), Math.abs(y - 3))
        if (inside) set(left + x, top + y, ring !== 2 && ring !== 4)
      }
    }
  }
}

/**
 * Of the eight masks always this one, the chequered: on so small a code readers
 * do not mind which, and weighing them would be half of this file.
 */
const mask = 0
const masked = (x: number, y: number) => (x + y) % 2 === 0

/** Level and mask with their own check bits, twice. */
function format(set: (x: number, y: number, dark: boolean) => void) {
  const levelQ = 0b11
  let rest = (levelQ << 3) | mask
  for (let i = 0; i < 10; i++) rest = (rest << 1) ^ ((rest >> 9) * 0x537)
  const bits = (((((levelQ << 3) | mask) << 10) | rest) ^ 0x5412)
  for (let i = 0; i < 15; i++) {
    const dark = ((bits >> i) & 1) === 1
    if (i < 6) set(8, i, dark)
    else if (i < 8) set(8, i + 1, dark)
    else if (i === 8) set(7, 8, dark)
    else set(14 - i, 8, dark)
    if (i < 8) set(size - 1 - i, 8, dark)
    else set(8, size - 15 + i, dark)
  }
  set(8, size - 8, true)
}
