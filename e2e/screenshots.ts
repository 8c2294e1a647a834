import { expect, type Page } from '@playwright/test'
import path from 'node:path'
import { test } from './house'
import { openDesk, openPhone } from './people'

/** Every page of the three apps, in both themes, into .cache/screenshots: `make screenshots`, then look at them. */
const folder = path.resolve(import.meta.dirname, '../.cache/screenshots')

const consolePages = [
  'campaigns', 'campaigns/new', 'scenarios', 'scenarios/new', 'experiments', 'decisions', 'people', 'features', 'recognition', 'model',
  'shops', 'shops/new', 'cameras', 'sandbox', 'sources', 'feeds', 'feeds/new', 'contracts', 'quarantine', 'privacy', 'team', 'keys', 'audit', 'account', 'settings', 'system',
]

/** Pages of one thing: the first that a list leads to. */
const consoleThings = ['campaigns', 'scenarios', 'decisions', 'people', 'shops', 'cameras', 'sources', 'feeds', 'contracts']

test.setTimeout(600_000)

for (const colorScheme of ['light', 'dark'] as const) {
  test(`staff, ${colorScheme}`, async ({ browser, house }) => {
    const page = await openDesk(browser, house.url, '/staff/', { colorScheme })
    await page.waitForTimeout(20_000) // until something has happened in the shop
    await shoot(page, `staff-${colorScheme}`)
  })

  test(`console, ${colorScheme}`, async ({ browser, house }) => {
    const page = await openDesk(browser, house.url, '/console/', { colorScheme })
    for (const name of consolePages) {
      await page.goto(`/console/${name}`)
      await page.waitForLoadState('load')
      await shoot(page, `console-${name.replace('/', '-')}-${colorScheme}`)
    }
    for (const name of consoleThings) {
      await page.goto(`/console/${name}`)
      await page.waitForLoadState('networkidle', { timeout: 3_000 }).catch(() => {}) // pages that listen never are
      const thing = page.locator(`main a[href^="/console/${name}/"]:not([href$="/new"])`).first()
      const address = await thing.getAttribute('href', { timeout: 2_000 }).catch(() => null)
      if (!address) continue // a demonstration has none
      await page.goto(address)
      await shoot(page, `console-${name}-one-${colorScheme}`)
    }
  })

  test(`shopper, ${colorScheme}`, async ({ browser, house }) => {
    const page = await openPhone(browser, house.url, { colorScheme, deviceScaleFactor: 2 })
    await shoot(page, `shopper-welcome-${colorScheme}`)
    await page.getByRole('button', { name: 'Mia' }).click()
    const offer = page.getByRole('list', { name: 'Offers', exact: true }).getByRole('listitem').first()
    await expect(offer).toBeVisible({ timeout: 60_000 })
    await shoot(page, `shopper-offers-${colorScheme}`)
    await offer.getByRole('link', { name: /^Why/ }).click()
    await shoot(page, `shopper-offer-${colorScheme}`)
    for (const name of ['inbox', 'here', 'recognition', 'you']) {
      await page.goto(`/shopper/#/${name}`)
      await shoot(page, `shopper-${name}-${colorScheme}`)
    }
    for (const tag of ['nl', 'ar']) {
      await page.goto('/shopper/#/you')
      await page.locator('select').last().selectOption(tag)
      for (const name of ['you', 'offers', 'inbox']) {
        await page.goto(`/shopper/#/${name}`)
        await shoot(page, `shopper-${name}-${tag}-${colorScheme}`)
      }
    }
  })
}

async function shoot(page: Page, name: string) {
  await page.waitForTimeout(800) // for what moves in
  await page.screenshot({ path: path.join(folder, `${name}.png`) })
}
