// Puts a brotli and a gzip sibling beside each built file that shrinks by it,
// so that the server packs nothing while somebody waits.
//
//   node scripts/pack.mjs services/console/apps/dist
import { readdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

const packable = /\.(html|js|css|svg|json|webmanifest)$/
const least = 1000 // bytes; below that the headers outweigh it

const folder = process.argv[2]
const entries = await readdir(folder, { recursive: true, withFileTypes: true })
const files = entries.filter((entry) => entry.isFile() && packable.test(entry.name))
for (const entry of files) {
  const name = path.join(entry.parentPath, entry.name)
  const plain = await readFile(name)
  if (plain.length < least) continue
  await writeFile(`${name}.br`, brotliCompressSync(plain))
  await writeFile(`${name}.gz`, gzipSync(plain, { level: 9 }))
}
