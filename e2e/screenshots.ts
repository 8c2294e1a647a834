import { expect, type Page } from '@playwright/test'
import path from 'node:path'
import { test } from './house'
import { openDesk, openPhone } from './people'

/** Every page of the three apps, in both themes, into .cache/screenshots: `make screenshots`, then look at them. */
const folder = path.resolve(import.meta.dirname, '../.cache/screenshots')

const consolePages = ['campaigns', 'scenarios', 'experiments', 'decisions', 'people', 'features', 'recognition', 'shops', 'cameras', 'sources', 'feeds', 'feeds/new', 'contracts', 'quarantine', 'sandbox', 'team', 'system']

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
    for (const name of ['recognition', 'you']) {
      await page.goto(`/shopper/#/${name}`)
      await shoot(page, `shopper-${name}-${colorScheme}`)
    }
  })
}

async function shoot(page: Page, name: string) {
  await page.waitForTimeout(800) // for what moves in
  await page.screenshot({ path: path.join(folder, `${name}.png`) })
}
