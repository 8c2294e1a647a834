/// <reference lib="webworker" />
// The service worker: the app opens without a network, and shows the offers
// that the phone has kept. Nothing personal goes through it or into its cache.
export {}
declare const self: ServiceWorkerGlobalScope

/** The files of the app, put here by the build (vite.config.ts). */
declare const PRECACHE: string[]
/** Changes whenever one of them does. */
declare const VERSION: string

const shell = '/shopper/'
const cacheName = `aisle-shopper-${VERSION}`

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(cacheName)
      .then((cache) => cache.addAll(PRECACHE))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => names.filter((name) => name.startsWith('aisle-shopper-') && name !== cacheName))
      .then((old) => Promise.all(old.map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const { pathname, origin } = new URL(event.request.url)
  if (event.request.method !== 'GET' || origin !== location.origin || !pathname.startsWith(shell)) return
  if (event.request.mode === 'navigate') {
    event.respondWith(fetch(event.request).catch(async () => (await caches.match(shell)) ?? Response.error()))
  } else {
    event.respondWith(caches.match(event.request).then((kept) => kept ?? fetch(event.request)))
  }
})
