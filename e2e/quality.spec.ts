import { chromium, devices, expect, type Page } from '@playwright/test'
import { test } from './house'
import { addressOf, consolePaths, strangersPaths } from './pages'
import { expectAccessible, openDesk, openPhone } from './people'

/** The most that a page may shift while it loads (web.dev/cls calls 0.1 good). */
const mostShift = 0.05

interface Watched {
  shift: number
  violations: string[]
}

/** Notes from the first paint on what shifts, and what the policy stops. */
async function watch(page: Page) {
  await page.addInitScript(() => {
    const watched: Watched = { shift: 0, violations: [] }
    Object.assign(window, { watched })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
        if (!entry.hadRecentInput) watched.shift += entry.value
      }
    }).observe({ type: 'layout-shift', buffered: true })
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => watched.violations.push(`${violatedDirective} ${blockedURI}`))
  })
}

const watched = (page: Page) => page.evaluate(() => (window as unknown as { watched: Watched }).watched)

const pages = {
  shopper: ['/shopper/', '/shopper/#/you', '/shopper/#/inbox'],
  console: ['/console/campaigns', '/console/people', '/console/system'],
  staff: ['/staff/'],
}

for (const [app, addresses] of Object.entries(pages)) {
  test(`${app} is served by a strict policy, and does not shift`, async ({ browser, house }) => {
    const page = app === 'shopper' ? await openPhone(browser, house.url) : await openDesk(browser, house.url, `/${app}/`)
    if (app === 'shopper') await page.getByRole('button', { name: 'Mia' }).click()
    await watch(page)
    for (const address of addresses) {
      await page.goto('about:blank')
      const policy = (await page.goto(address))?.headers()['content-security-policy'] ?? ''
      expect(policy, address).toContain("script-src 'self'")
      expect(policy, address).not.toMatch(/unsafe-|\*|data:[^;]*script/)
      await page.waitForLoadState('load')
      await page.waitForTimeout(1_500) // for what comes after
      const { shift, violations } = await watched(page)
      expect(violations, address).toEqual([])
      expect(shift, address).toBeLessThan(mostShift)
    }
  })
}

/** Pages that no journey lets axe see in the dark. */
const dark = ['settings', 'keys', 'team', 'account', 'system', 'segments', 'segments/$segment', 'people/$shopper', 'audit', 'privacy']

test('no page of the console says anything in the browser’s, and in the dark they are as accessible', async ({ browser, house }) => {
  test.setTimeout(900_000) // it opens every page that there is
  const desk = await openDesk(browser, house.url, '/console/', { colorScheme: 'dark' })
  const said: string[] = []
  desk.on('console', (message) => ['error', 'warning'].includes(message.type()) && said.push(`${desk.url()}: ${message.text()}`))
  for (const name of consolePaths.filter((path) => !strangersPaths.includes(path))) {
    await expect(async () => {
      await desk.goto(await addressOf(name, desk.request))
    }).toPass({ timeout: 120_000 }) // the demonstration needs a moment
    await expect(desk.getByRole('heading', { level: 1 })).toBeVisible()
    await expect(desk.locator('main .skeleton, main [aria-busy="true"]')).toHaveCount(0)
    if (dark.includes(name)) await expectAccessible(desk)
  }
  expect(said).toEqual([])
})

test('the app can be installed', async ({ house, launchOptions }, info) => {
  // Chromium installs nothing from a private window, which every other test's is.
  const context = await chromium.launchPersistentContext(info.outputPath('browser'), { ...launchOptions, ...devices['Pixel 7'], baseURL: house.url })
  try {
    const page = await context.newPage()
    await page.goto('/shopper/')
    await page.evaluate(() => navigator.serviceWorker.ready)
    const devtools = await context.newCDPSession(page)
    const { errors: unread, data } = await devtools.send('Page.getAppManifest')
    expect(unread).toEqual([])
    const manifest = JSON.parse(data ?? '') as { icons: { src: string; sizes: string; purpose?: string }[]; shortcuts: { url: string }[] }
    for (const { src, sizes } of manifest.icons.filter(({ sizes }) => sizes !== 'any')) {
      const size = await page.evaluate(async (url) => {
        const { width, height } = await createImageBitmap(await (await fetch(url)).blob())
        return `${width}x${height}`
      }, `/shopper/${src}`)
      expect(size, src).toBe(sizes)
    }
    expect(manifest.icons.some(({ purpose }) => purpose === 'maskable')).toBe(true)
    expect((await devtools.send('Page.getInstallabilityErrors')).installabilityErrors).toEqual([])
  } finally {
    await context.close()
  }
})

test('without a network the offers of before are there, and said to be old', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await phone.getByRole('button', { name: 'Mia' }).click()
  const offer = phone.getByRole('list', { name: 'Offers', exact: true }).getByRole('heading').first()
  await expect(offer).toBeVisible({ timeout: 90_000 })
  const title = (await offer.textContent())!
  await phone.evaluate(() => navigator.serviceWorker.ready)

  await phone.context().setOffline(true)
  await phone.reload()
  await expect(phone.getByText(/^The shop cannot be reached\. This is from \d/)).toBeVisible()
  await expect(phone.getByRole('heading', { name: title }).first()).toBeVisible()
  await expectAccessible(phone)
  await phone.getByRole('link', { name: `Use offer: ${title}` }).first().click()
  await expect(phone.getByRole('img', { name: /^QR code/ })).toBeVisible()

  await phone.context().setOffline(false)
  await phone.goto('/shopper/#/offers')
  await expect(phone.getByText('live', { exact: true })).toBeVisible({ timeout: 30_000 })
})

test('a phone that is nobody’s says nothing in the console', async ({ browser, house }) => {
  const phone = await (await browser.newContext({ ...devices['Pixel 7'], baseURL: house.url })).newPage()
  const said: string[] = []
  phone.on('console', (message) => said.push(message.text()))
  await phone.goto('/shopper/')
  await expect(phone.getByRole('link', { name: 'Join', exact: true })).toBeVisible()
  await phone.waitForLoadState('load')
  expect(said).toEqual([])
})

test('errors too are served by a strict policy', async ({ request }) => {
  for (const [address, status] of [['/nothing', 404], ['/shopper/assets/nothing.js', 404], ['/api/nothing', 404], ['/api/campaigns', 401], ['/v1/nothing', 404]] as const) {
    const answer = await request.get(address)
    expect(answer.status(), address).toBe(status)
    expect(answer.headers()['content-security-policy'] ?? '', address).toContain("default-src 'none'")
    expect(answer.headers()['x-content-type-options'], address).toBe('nosniff')
  }
})

test('the app is of use on a narrow phone, and where letters are twice as large', async ({ browser, house }) => {
  for (const [width, height] of [[360, 740], [180, 370]] as const) {
    const phone = await openPhone(browser, house.url)
    await phone.setViewportSize({ width, height }) // 360 at a zoom of 200 % is 180
    await phone.getByRole('button', { name: 'Mia' }).click()
    for (const tag of ['en', 'nl', 'ar']) {
      await phone.goto('/shopper/#/you')
      await phone.locator('select').last().selectOption(tag)
      await expect(phone.locator('html')).toHaveAttribute('lang', tag)
      for (const page of ['offers', 'inbox', 'here', 'recognition', 'you', 'phone', 'delete']) {
        await phone.goto(`/shopper/#/${page}`)
        await expect(phone.getByRole('heading', { level: 1 })).toBeVisible()
        await expect(phone.locator('.skeleton')).toHaveCount(0)
        const wide = await phone.evaluate(() => document.documentElement.scrollWidth)
        expect(wide, `${page} in ${tag} at ${width}`).toBeLessThanOrEqual(width)
      }
    }
    await phone.context().close()
  }
})
