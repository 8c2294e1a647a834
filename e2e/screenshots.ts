import { expect, type Page } from '@playwright/test'
import path from 'node:path'
import { test } from './house'
import { addressOf, consolePaths, strangersPaths } from './pages'
import { openDesk, openPhone } from './people'

/** Every page of the three apps, in both themes, into .cache/screenshots: `make screenshots`, then look at them. */
const folder = path.resolve(import.meta.dirname, '../.cache/screenshots')

/** The shopper's app says its pages in route.ts; one offer, and being here, have an address of their own. */
const shopperPages = ['offers', 'inbox', 'here', 'recognition', 'you', 'delete']

for (const colorScheme of ['light', 'dark'] as const) {
  test(`staff, ${colorScheme}`, async ({ browser, house }) => {
    const page = await openDesk(browser, house.url, '/staff/', { colorScheme })
    await expect(page.getByRole('region', { name: 'Offers pushed' }).getByRole('listitem').getByRole('button').first()).toBeVisible({ timeout: 120_000 })
    await shoot(page, `staff-${colorScheme}`)
    await page.getByRole('button', { name: 'Replay', exact: true }).click()
    await expect(page.getByRole('region', { name: 'Replay' }).getByRole('slider')).toBeVisible({ timeout: 60_000 })
    await shoot(page, `staff-replay-${colorScheme}`)
    await page.context().close()
  })

  for (const name of consolePaths.filter((path) => !strangersPaths.includes(path))) {
    test(`console, ${name}, ${colorScheme}`, async ({ browser, house }) => {
      const page = await openDesk(browser, house.url, '/console/', { colorScheme })
      // What a demonstration has not yet, it has in a moment.
      await expect(async () => {
        await page.goto(await addressOf(name, page.request))
      }).toPass({ timeout: 120_000 })
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
      await shoot(page, `console-${name.replaceAll('/', '-').replace('$', '')}-${colorScheme}`)
      await page.context().close()
    })
  }

  for (const name of ['sign-in', 'password#t=made-up']) {
    test(`console, ${name}, ${colorScheme}`, async ({ browser, house }) => {
      const page = await (await browser.newContext({ colorScheme, locale: 'en-GB', viewport: { width: 1600, height: 900 } })).newPage()
      await page.goto(`${house.url}/console/${name}`)
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
      await shoot(page, `console-${name.replace(/#.*/, '')}-${colorScheme}`)
      await page.context().close()
    })
  }

  for (const name of ['welcome', 'join', 'sign-in']) {
    test(`shopper, ${name}, ${colorScheme}`, async ({ browser, house }) => {
      const phone = await openPhone(browser, house.url, { colorScheme, deviceScaleFactor: 2 })
      if (name !== 'welcome') await turnTo(phone, name)
      await expect(phone.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
      await shoot(phone, `shopper-${name}-${colorScheme}`)
      await phone.context().close()
    })
  }

  for (const tag of ['en', 'nl', 'ar']) {
    test(`shopper, ${tag}, ${colorScheme}`, async ({ browser, house }) => {
      const phone = await openPhone(browser, house.url, { colorScheme, deviceScaleFactor: 2 })
      await phone.getByRole('button', { name: 'Mia' }).click()
      const offer = phone.getByRole('list', { name: 'Offers', exact: true }).getByRole('listitem').first()
      await expect(offer).toBeVisible({ timeout: 120_000 })
      const why = (await offer.getByRole('link', { name: /^Why/ }).getAttribute('href'))!
      await phone.goto('/shopper/#/you')
      await phone.locator('select').last().selectOption(tag)
      await expect(phone.locator('html')).toHaveAttribute('lang', tag)
      for (const name of [...shopperPages, why.replace(/^.*#\//, '')]) {
        await turnTo(phone, name)
        await expect(phone.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
        await shoot(phone, `shopper-${shopperPages.includes(name) ? name : 'offer'}-${tag}-${colorScheme}`)
      }
      await phone.context().close()
    })
  }
}

/** Opens a page anew: what stood there before is not taken for it. */
async function turnTo(phone: Page, name: string) {
  await phone.goto('about:blank')
  await phone.goto(`/shopper/#/${name}`)
}

/** Waits until nothing is on its way any more, and for what moves in. */
async function shoot(page: Page, name: string) {
  await expect(page.locator('.skeleton, [aria-busy="true"]')).toHaveCount(0, { timeout: 60_000 })
  await page.evaluate(() => document.fonts.ready)
  await page.screenshot({ path: path.join(folder, `${name}.png`), animations: 'disabled', timeout: 60_000 })
}
