import { expect, type Page } from '@playwright/test'
import { test } from './house'
import { openDesk, openPhone } from './people'

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
