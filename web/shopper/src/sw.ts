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

/** What the house seals for this browser (services/notifier/push). */
interface Note {
  notification: { title: string; body?: string; navigate: string; tag: string; lang?: string; timestamp: number }
}

// The tag is the decision's: the same offer sent twice is one notification.
self.addEventListener('push', (event) => {
  const { title, navigate, ...rest } = (event.data!.json() as Note).notification
  const shown = { ...rest, dir: 'auto', icon: `${shell}icon-192.png`, data: new URL(navigate).hash } as NotificationOptions
  event.waitUntil(self.registration.showNotification(title, shown))
})

// The app that is open shows the offer; where none is, one is opened.
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = shell + event.notification.data
  const show = async () => {
    const open = (await self.clients.matchAll({ type: 'window' })).find((client) => new URL(client.url).pathname === shell)
    if (!open) return self.clients.openWindow(url)
    return ((await open.navigate(url)) ?? open).focus()
  }
  event.waitUntil(show())
})
