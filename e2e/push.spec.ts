import { expect } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openPhone } from './people'

/** A browser's subscription as a push service would make it: none can be reached from here. */
const subscription = {
  endpoint: 'https://push.example.com/e2e',
  expirationTime: null,
  keys: {
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
  },
}

test('a phone subscribes, is notified of an offer, opens it, and ends it', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  const context = phone.context()
  await context.grantPermissions(['notifications'], { origin: house.url })
  await context.addInitScript((made) => {
    const kept = 'e2e.subscribed'
    const one = () =>
      localStorage.getItem(kept)
        ? { endpoint: made.endpoint, toJSON: () => made, unsubscribe: async () => (localStorage.removeItem(kept), true) }
        : null
    Object.assign(PushManager.prototype, {
      getSubscription: async () => one(),
      subscribe: async (options: PushSubscriptionOptionsInit) => {
        localStorage.setItem(kept, String(options.applicationServerKey))
        return one()
      },
    })
  }, subscription)
  await phone.reload()
  await phone.getByRole('button', { name: 'Mia' }).click()
  await expect(phone.getByRole('heading', { name: 'Offers near you' })).toBeVisible()

  const browsers = async () => {
    const answer = await phone.request.get('/api/me/push')
    return ((await answer.json()) as { browsers: number }).browsers
  }
  const notify = phone.getByRole('switch', { name: 'Notify me on this phone' })

  await test.step('the switch subscribes this browser with the key of the house', async () => {
    await phone.goto('/shopper/#/you')
    await expect(notify).not.toBeChecked()
    await notify.click()
    await expect(notify).toBeChecked()
    expect(await browsers()).toBe(1)
    const { key } = (await (await phone.request.get('/api/me/push')).json()) as { key: string }
    expect(await phone.evaluate(() => localStorage.getItem('e2e.subscribed'))).toBe(key)
    await expectAccessible(phone)
  })

  await test.step('what the house sends is shown once, and opens its offer', async () => {
    const devtools = await context.newCDPSession(phone)
    let registrationId = ''
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      registrationId ||= registrations.find(({ scopeURL, isDeleted }) => scopeURL.endsWith('/shopper/') && !isDeleted)?.registrationId ?? ''
    })
    await devtools.send('ServiceWorker.enable')
    await expect.poll(() => registrationId, { timeout: 30_000 }).not.toBe('')
    const data = JSON.stringify({
      web_push: 8030,
      notification: { title: '20% off running shoes', body: 'Two aisles on.', navigate: `${house.url}/shopper/#/offers/0-1-0`, tag: '0-1-0', lang: 'en', timestamp: Date.now() },
    })
    for (let twice = 0; twice < 2; twice++) {
      await devtools.send('ServiceWorker.deliverPushMessage', { origin: house.url, registrationId, data })
    }
    const shown = () =>
      phone.evaluate(async () => {
        const all = await (await navigator.serviceWorker.ready).getNotifications()
        return all.map(({ title, body, tag, data }) => [title, body, tag, data])
      })
    await expect.poll(shown, { timeout: 30_000 }).toEqual([['20% off running shoes', 'Two aisles on.', '0-1-0', '#/offers/0-1-0']])

    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'))
    await worker.evaluate(async () => {
      // Node's types know no service worker.
      const scope = globalThis as unknown as { registration: ServiceWorkerRegistration; NotificationEvent: new (type: string, init: { notification: Notification }) => Event } & EventTarget
      const [notification] = await scope.registration.getNotifications()
      scope.dispatchEvent(new scope.NotificationEvent('notificationclick', { notification: notification! }))
    })
    await expect(phone).toHaveURL(/#\/offers\/0-1-0$/)
    await expect.poll(shown, { timeout: 30_000 }).toEqual([])
  })

  await test.step('the shop forgets the browser with the consent', async () => {
    await phone.goto('/shopper/#/you')
    await expect(notify).toBeChecked()
    await phone.getByRole('switch', { name: 'Offers in this app' }).click()
    await expect(notify).toBeHidden()
    await expect.poll(browsers, { timeout: 30_000 }).toBe(0)
  })

  await test.step('who signs out takes their notifications along', async () => {
    await phone.getByRole('switch', { name: 'Offers in this app' }).click()
    await notify.click()
    await expect(notify).toBeChecked()
    await phone.evaluate(async () => (await navigator.serviceWorker.ready).showNotification('Of before'))
    await phone.getByRole('button', { name: 'Sign out' }).click()
    await phone.getByRole('button', { name: 'Mia' }).click()
    await expect(notify).not.toBeChecked()
    expect(await browsers()).toBe(0)
    expect(await phone.evaluate(() => localStorage.getItem('e2e.subscribed'))).toBeNull()
    expect(await phone.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).length)).toBe(0)
  })
})
