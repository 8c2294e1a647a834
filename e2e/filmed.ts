import { writeFile } from 'node:fs/promises'
import { qr, size } from '../web/shopper/src/qr'

const width = 640
const height = 480

/**
 * A film of a phone that shows a code as the shopper's app draws it: held askew,
 * not in the middle, with light that is not even. Chromium plays it as its camera.
 */
export async function film(path: string, code: string) {
  const modules = qr(code)!
  const frames = [-9, -4, 5, 12].map((degrees) => {
    const [sin, cos] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)]
    const unit = 9 // pixels of a module
    const luma = Buffer.alloc(width * height)
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        const [dx, dy] = [x - width * 0.56, y - height * 0.46]
        const [column, row] = [(dx * cos + dy * sin) / unit + size / 2, (dy * cos - dx * sin) / unit + size / 2]
        const margin = 3
        const screen = Math.min(column, row) > -margin && Math.max(column, row) < size + margin
        const dark = modules[Math.floor(row)]?.[Math.floor(column)] ?? false
        luma[y * width + x] = (screen ? (dark ? 40 : 215) : 110) - Math.round((x / width) * 30)
      }
    }
    return Buffer.concat([Buffer.from('FRAME\n'), luma, Buffer.alloc((width * height) / 2, 128)])
  })
  await writeFile(path, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F5:1 Ip A1:1 C420mpeg2\n`), ...frames]))
}
