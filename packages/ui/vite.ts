import react from '@vitejs/plugin-react'
import { fileURLToPath } from 'node:url'
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

const group = (name: string, packages: string) => ({ name, test: new RegExp(`node_modules/(${packages})/`) })

/** How the console and the staff's dashboard are built: served under /NAME/, into the folder that the server embeds. */
export const app = (name: 'console' | 'staff'): UserConfig => ({
  base: `/${name}/`,
  plugins: [react(), schemeFirst(`/${name}/`)],
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
