import react from '@vitejs/plugin-react'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Plugin, UserConfig } from 'vite'

const scheme = `(() => {
  let kept = null
  try { kept = localStorage.getItem('mantine-color-scheme-value') } catch {}
  const dark = kept === 'dark' || (kept !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.mantineColorScheme = dark ? 'dark' : 'light'
})()
`

/** Sets the colours before anything is drawn. A file, because the policy forbids inline script. */
const schemeFirst = (base: string): Plugin => ({
  name: 'scheme-first',
  transformIndexHtml: () => [{ tag: 'script', attrs: { src: `${base}scheme.js` }, injectTo: 'head-prepend' }],
  configureServer(server) {
    server.middlewares.use(`${base}scheme.js`, (_request, response) => {
      response.setHeader('content-type', 'text/javascript')
      response.end(scheme)
    })
  },
  generateBundle() {
    this.emitFile({ type: 'asset', fileName: 'scheme.js', source: scheme })
  },
})

/** Packs what is text, so that the server need not. */
const packed = (): Plugin => ({
  name: 'packed',
  apply: 'build',
  enforce: 'post',
  async writeBundle(options, bundle) {
    const texts = Object.keys(bundle).filter((name) => /\.(js|css|html|svg)$/.test(name))
    for (const name of texts) {
      const file = join(options.dir!, name)
      const body = await readFile(file)
      if (body.length < 1_000) continue
      await writeFile(`${file}.br`, brotliCompressSync(body))
      await writeFile(`${file}.gz`, gzipSync(body, { level: 9 }))
    }
  },
})

const group = (name: string, packages: string) => ({ name, test: new RegExp(`node_modules/(${packages})/`) })

/** How the console and the staff's dashboard are built: served under /NAME/, into the folder that the server embeds. */
export const app = (name: 'console' | 'staff'): UserConfig => ({
  base: `/${name}/`,
  plugins: [react(), schemeFirst(`/${name}/`), packed()],
  build: {
    outDir: fileURLToPath(new URL(`../../services/console/apps/dist/${name}`, import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0, // data: URLs would need a hole in the policy
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            group('react', 'react|react-dom|scheduler'),
            group('tanstack', '@tanstack'),
            group('mantine', '@mantine|@floating-ui|react-number-format|dayjs'),
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://localhost:8080', '/vision': 'http://localhost:8080' } },
})
