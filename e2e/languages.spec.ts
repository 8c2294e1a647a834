import { expect, type Page } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors } from './people'

/** A page of each kind: lists, what is live, what is managed. */
const pages = ['campaigns', 'decisions', 'people', 'shops', 'sandbox', 'quarantine']

const spoken = (page: Page) => page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])

/** What stands around a page and above its parts. */
const headings = (page: Page) => page.locator('nav a, .nav-group, .crumbs > span, h1, h2, th').evaluateAll((parts) => parts.map((part) => part.textContent?.trim() ?? '').filter((text) => /\p{L}{3}/u.test(text)))

const choose = async (page: Page, account: RegExp, language: string) => {
  await page.getByRole('button', { name: account }).click()
  await page.getByRole('menuitemradio', { name: language }).click()
}

async function open(page: Page, place: string) {
  await page.goto(`/console/${place}`)
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
  await expect(page.locator('main [aria-busy], main .skeleton')).toHaveCount(0, { timeout: 60_000 })
}

const expectNoOverflow = async (page: Page, at: string) => {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), at).toBeLessThanOrEqual(0)
  expect(await page.locator('#main').evaluate((main) => main.scrollWidth - main.clientWidth), at).toBeLessThanOrEqual(0)
}

test('a marketer has the console speak Dutch, then Arabic, then English again', async ({ browser, house }) => {
  test.setTimeout(600_000)
  const page = await openDesk(browser, house.url, '/console/')
  const main = page.getByRole('navigation', { name: /Main|Hoofdmenu|القائمة الرئيسية/ })

  await test.step('Dutch', async () => {
    await choose(page, /: account$/, 'Nederlands')
    await expect(main.getByRole('link', { name: /^Campagnes/ })).toBeVisible()
    await expect(main.getByRole('link', { name: 'Instellingen' })).toBeVisible()
    expect(await spoken(page)).toEqual(['nl', 'ltr'])
    await open(page, 'system')
    await expect(page.getByText('8 partities')).toBeVisible()
    await expect(page.getByRole('region', { name: 'Hoe laat gebeurtenissen komen' })).toBeVisible()
  })

  await test.step('Arabic, from right to left', async () => {
    await choose(page, /: account$/, 'العربية')
    await expect(main.getByRole('link', { name: /^الحملات/ })).toBeVisible()
    expect(await spoken(page)).toEqual(['ar', 'rtl'])
    expect((await main.boundingBox())!.x).toBeGreaterThan(1_000)
    await expect(page.getByText('8 أقسام')).toBeVisible()
  })

  await test.step('it stays so', async () => {
    await page.reload()
    await expect(main.getByRole('link', { name: /^الحملات/ })).toBeVisible()
    expect(await spoken(page)).toEqual(['ar', 'rtl'])
  })

  for (const place of pages) {
    await test.step(`${place} in Arabic`, async () => {
      await page.setViewportSize({ width: 1280, height: 800 })
      await open(page, place)
      const left = (await headings(page)).filter((text) => !/\p{Script=Arabic}/u.test(text))
      expect(left, `${place} has words of another language`).toEqual([])
      await expectNoOverflow(page, `${place} at 1280 px`)
      await expectAccessible(page)
      await page.setViewportSize({ width: 390, height: 844 })
      await expectNoOverflow(page, `${place} at 390 px`)
    })
  }

  await test.step('on a phone, the places are in a menu', async () => {
    await page.getByRole('button', { name: 'القائمة' }).click()
    await page.getByRole('dialog').getByRole('link', { name: 'القرارات' }).click()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(page.getByRole('heading', { level: 1, name: 'القرارات' })).toBeVisible()
  })

  await test.step('an address that leads nowhere says so', async () => {
    await page.goto('/console/nowhere')
    await expect(page.getByRole('heading', { name: 'لا توجد صفحة كهذه' })).toBeVisible()
  })

  await test.step('English again', async () => {
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.goto('/console/campaigns')
    await choose(page, /: الحساب$/, 'English')
    await expect(main.getByRole('link', { name: /^Campaigns/ })).toBeVisible()
    expect(await spoken(page)).toEqual(['en', 'ltr'])
  })
  expect(scriptErrors).toEqual([])
})

test('who has not signed in yet chooses a language, too', async ({ browser, house }) => {
  const context = await browser.newContext({ baseURL: house.url, locale: 'nl-NL' })
  const page = await context.newPage()
  await page.goto('/console/')
  await expect(page.getByRole('heading', { name: 'Inloggen bij Aisle' })).toBeVisible()
  await page.getByRole('combobox', { name: 'Taal' }).selectOption('ar')
  await expect(page.getByRole('heading', { name: 'تسجيل الدخول إلى Aisle' })).toBeVisible()
  expect(await spoken(page)).toEqual(['ar', 'rtl'])
  await expectAccessible(page)
})
