import { gzipSync } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const base = '/shopper/'
const scriptBudget = 15_000 // bytes, gzipped, the service worker included

/** Tells the service worker which files the app is made of, and changes with them. */
const precache = (): Plugin => ({
  name: 'precache',
  apply: 'build',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const worker = bundle['sw.js']
    if (worker?.type !== 'chunk') return this.error('there is no sw.js to write the list of files into')
    const files = Object.keys(bundle).filter((file) => /\.(js|css|woff2)$/.test(file) && file !== 'sw.js')
    const list = [base, `${base}icon.svg`, ...files.map((file) => base + file)]
    const version = [...list.join()].reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) >>> 0, 7)
    worker.code = worker.code
      .replaceAll('PRECACHE', JSON.stringify(list))
      .replaceAll('VERSION', JSON.stringify(version.toString(36)))
  },
})

/** Lets the letters load beside the script, not after it. */
const fontFirst = (): Plugin => ({
  name: 'font-first',
  apply: 'build',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((file) => file.endsWith('.woff2'))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'preload', as: 'font', type: 'font/woff2', crossorigin: '', href: base + file },
          injectTo: 'head',
        })),
  },
})

/** Fails the build when what a phone loads before it shows an offer outgrows what a bad line carries at once. */
const budget = (): Plugin => ({
  name: 'budget',
  apply: 'build',
  enforce: 'post',
  generateBundle(_options, bundle) {
    const now = new Set<string>()
    const follow = (file: string) => {
      const chunk = bundle[file]
      if (chunk?.type !== 'chunk' || now.has(file)) return
      now.add(file)
      chunk.imports.forEach(follow)
    }
    for (const chunk of Object.values(bundle)) if (chunk.type === 'chunk' && chunk.isEntry) follow(chunk.fileName)
    let first = 0
    let later = 0
    for (const file of Object.values(bundle)) {
      if (file.type !== 'chunk') continue
      const bytes = gzipSync(file.code).length
      if (now.has(file.fileName)) first += bytes
      else later += bytes
    }
    if (first > scriptBudget) this.error(`the first script is ${first} bytes gzipped, and may be ${scriptBudget}`)
    this.info(`the first script is ${first} of ${scriptBudget} bytes gzipped; pages opened later add ${later}`)
  },
})

export default defineConfig({
  base,
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [fontFirst(), precache(), budget()],
  build: {
    outDir: '../../services/console/apps/dist/shopper', // which the server embeds
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: false, // what loads it is larger than the pages that it would load sooner
    rolldownOptions: {
      input: { index: 'index.html', sw: 'src/sw.ts' },
      output: { entryFileNames: (chunk) => (chunk.name === 'sw' ? 'sw.js' : 'assets/[name]-[hash].js') },
    },
  },
  server: { proxy: { '/api': 'http://localhost:8080', '/vision': 'http://localhost:8080' } },
})
