import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
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

/** What may be loaded before the first page is drawn, in bytes, gzipped: some tenth more than now. */
const scriptBudgets = { console: 330_000, staff: 210_000 }

/** Fails the build when the first page waits for more script than it may. */
const budget = (name: keyof typeof scriptBudgets): Plugin => ({
  name: 'budget',
  apply: 'build',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const first = new Set<string>()
    const follow = (file: string) => {
      const chunk = bundle[file]
      if (chunk?.type !== 'chunk' || first.has(file)) return
      first.add(file)
      chunk.imports.forEach(follow)
    }
    for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk' && chunk.isEntry) follow(chunk.fileName)
    let bytes = 0
    for (const file of first) {
      const chunk = bundle[file]
      if (chunk?.type === 'chunk') bytes += gzipSync(chunk.code).length
    }
    if (bytes > scriptBudgets[name]) this.error(`the first script is ${bytes} bytes gzipped, and may be ${scriptBudgets[name]}`)
    this.info(`the first script is ${bytes} of ${scriptBudgets[name]} bytes gzipped`)
  },
})

const group = (name: string, packages: string) => ({ name, test: new RegExp(`node_modules/(${packages})/`) })

/** How the console and the staff's dashboard are built: served under /NAME/, into the folder that the server embeds. */
export const app = (name: 'console' | 'staff'): UserConfig => ({
  base: `/${name}/`,
  plugins: [react(), schemeFirst(`/${name}/`), budget(name)],
  build: {
    outDir: fileURLToPath(new URL(`../../services/console/apps/dist/${name}`, import.meta.url)),
    emptyOutDir: true,
    assetsInlineLimit: 0, // data: URLs would need a hole in the policy
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // A room waits for its words, and they must not wait for the room: what they import lies apart.
            { name: 'language', test: /packages\/ui\/src\/language\.ts/ },
            group('react', 'react|react-dom|scheduler'),
            group('tanstack', '@tanstack'),
            group('mantine', '@mantine|@floating-ui|react-number-format|dayjs(?!/locale)'),
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://localhost:8080', '/vision': 'http://localhost:8080' } },
})
