import { expect, type Page } from '@playwright/test'
import path from 'node:path'
import { test } from './house'
import { addressOf, consolePaths, consoleViews, strangersPaths } from './pages'
import { openDesk, openPhone } from './people'

/** Every page of the three apps and what opens on it, in both themes, into .cache/screenshots: `make screenshots`, then look at them. */
const folder = path.resolve(import.meta.dirname, '../.cache/screenshots')

/** The shopper's app says its pages in route.ts; one offer, and being here, have an address of their own. */
const shopperPages = ['offers', 'inbox', 'here', 'recognition', 'you', 'delete']

const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click()
const choose = (page: Page, name: string | RegExp) => page.getByRole('menuitem', { name }).first().click()
const lines = ['Datum;Kunde;Artikel;Preis', ...Array.from({ length: 20 }, (_, i) => `0${1 + (i % 9)}.03.2026 10:15;c-${1000 + i};shoe-${i};${19 + i},95`)].join('\n')

/** What opens on a page of the console and has no address: the page, and how it is opened there. */
const opened: Record<string, [path: string, open: (page: Page) => Promise<unknown>]> = {
  palette: ['campaigns', (page) => page.keyboard.press('Control+k')],
  account: ['campaigns', (page) => press(page, /Alex Demo/)],
  'campaigns-list': ['campaigns', (page) => press(page, 'What to do with the list')],
  'campaign-preflight': ['campaigns/$campaign', (page) => press(page, 'Preflight')],
  'campaign-more': ['campaigns/$campaign', (page) => press(page, 'More')],
  'campaign-pause': ['campaigns/$campaign', (page) => press(page, 'Pause')],
  'campaign-unsaved': [
    'campaigns/new?template=dwell',
    async (page) => {
      await page.getByRole('textbox', { name: 'Name' }).first().fill('Shoes')
      await page.getByRole('link', { name: 'People' }).first().click()
    },
  ],
  'person-asks': ['people/$shopper', (page) => press(page, 'They ask for…')],
  'enrolled-actions': ['recognition', (page) => press(page, /: what to do$/)],
  'enrolled-forget': [
    'recognition',
    async (page) => {
      await press(page, /: what to do$/)
      await choose(page, /^Delete their face/)
    },
  ],
  'key-made': [
    'keys',
    async (page) => {
      await page.getByRole('textbox', { name: 'What it is for' }).fill('Till 4')
      await page.getByLabel('Redeem codes').check()
      await press(page, 'Make it')
    },
  ],
  'key-revoked': ['keys', (page) => press(page, /^Revoke/)],
  invited: [
    'team',
    async (page) => {
      await page.getByRole('textbox', { name: 'Name' }).fill('Sam Vries')
      await page.getByRole('textbox', { name: 'E-mail' }).fill(`sam.${Date.now()}@aisle.example`)
      await press(page, 'Invite them')
    },
  ],
  'team-member': ['team', (page) => press(page, 'What can be done with Sam Vries')],
  'source-withdrawn': ['sources', (page) => press(page, /^Withdraw the key/)],
  'feed-proposed': [
    'feeds/new',
    async (page) => {
      await page.getByRole('textbox').first().fill(lines)
      await press(page, 'Read these lines')
      await expect(page.getByRole('table').first()).toBeVisible({ timeout: 60_000 })
    },
  ],
  'plan-add': ['shops/$shop', (page) => press(page, 'Add something else')],
  'plan-zone': ['shops/$shop', (page) => page.getByRole('button', { name: /^Zone / }).first().press('Enter')],
  'plan-floor': ['shops/$shop', (page) => press(page, 'Size, order and picture')],
  'plan-imported': [
    'shops/$shop',
    async (page) => {
      const shop = new URL(page.url()).pathname.split('/').at(-1)
      const plan = await (await page.request.get(`/api/shops/${shop}/plan`)).json()
      plan.features = plan.features.filter(({ properties }: { properties: { kind: string } }) => properties.kind !== 'canary')
      const choosing = page.waitForEvent('filechooser')
      await press(page, 'Import')
      await (await choosing).setFiles({ name: 'plan.geojson', mimeType: 'application/geo+json', buffer: Buffer.from(JSON.stringify(plan)) })
      await expect(page.getByRole('dialog')).toBeVisible({ timeout: 60_000 })
    },
  ],
  'shop-removed': [
    'shops/$shop',
    async (page) => {
      await press(page, 'More')
      await choose(page, /^Remove/)
    },
  ],
  'quarantine-sent': ['quarantine', (page) => press(page, /^Send all again/)],
  'quarantine-contract': ['quarantine/record', (page) => page.getByText('With another contract').click()],
  'settings-limit': ['settings', (page) => press(page, 'Add a limit')],
  'contract-retired': ['contracts/$event', (page) => press(page, 'Retire')],
}

for (const colorScheme of ['light', 'dark'] as const) {
  test(`staff, ${colorScheme}`, async ({ browser, house }) => {
    const page = await openDesk(browser, house.url, '/staff/', { colorScheme })
    await expect(page.getByRole('region', { name: 'Offers pushed' }).getByRole('listitem').getByRole('button').first()).toBeVisible({ timeout: 120_000 })
    await shoot(page, `staff-${colorScheme}`)
    await press(page, /alert/)
    await expect(page.getByRole('dialog')).toBeVisible()
    await shoot(page, `staff-alerts-${colorScheme}`)
    const { people } = await (await page.request.get('/api/people')).json()
    const { decisions } = await (await page.request.get('/api/decisions?verdict=offered')).json()
    for (const [name, view] of [
      ['person', `who=${people[0].shopper}`],
      ['why', `why=${decisions[0].id}`],
    ]) {
      await page.goto(`/staff/?${view}`)
      await expect(page.getByRole('dialog')).toBeVisible({ timeout: 60_000 })
      await shoot(page, `staff-${name}-${colorScheme}`)
    }
    await page.goto('/staff/')
    await page.getByRole('button', { name: 'Replay', exact: true }).click()
    await expect(page.getByRole('region', { name: 'Replay' }).getByRole('slider')).toBeVisible({ timeout: 60_000 })
    await shoot(page, `staff-replay-${colorScheme}`)
    await page.context().close()
  })

  for (const name of [...consolePaths.filter((path) => !strangersPaths.includes(path)), ...consoleViews]) {
    test(`console, ${name}, ${colorScheme}`, async ({ browser, house }) => {
      const page = await openDesk(browser, house.url, '/console/', { colorScheme })
      // What a demonstration has not yet, it has in a moment.
      await expect(async () => {
        await page.goto(await addressOf(name, page.request))
      }).toPass({ timeout: 120_000 })
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
      await shoot(page, `console-${name.replaceAll(/[/?=]/g, '-').replace('$', '')}-${colorScheme}`)
      await page.context().close()
    })
  }

  for (const [name, [path, open]] of Object.entries(opened)) {
    test(`console, ${name} opened, ${colorScheme}`, async ({ browser, house }) => {
      const page = await openDesk(browser, house.url, '/console/', { colorScheme })
      await expect(async () => {
        await page.goto(await addressOf(path, page.request))
      }).toPass({ timeout: 120_000 })
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible({ timeout: 60_000 })
      await open(page)
      await shoot(page, `console-opened-${name}-${colorScheme}`)
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

  test(`shopper joins, ${colorScheme}`, async ({ browser, house }) => {
    const phone = await openPhone(browser, house.url, { colorScheme, deviceScaleFactor: 2 })
    await phone.getByRole('link', { name: 'Join', exact: true }).click()
    await phone.getByLabel('Your name').fill('Ben')
    await phone.getByRole('button', { name: 'Next' }).click()
    for (const question of ['1', '2', '3', '4']) {
      await expect(phone.getByText(`Question ${question} of 4`)).toBeVisible()
      await shoot(phone, `shopper-join-${question}-${colorScheme}`)
      await phone.getByRole('button', { name: 'Yes', exact: true }).click()
    }
    await expect(phone.getByRole('button', { name: 'Show my offers' })).toBeVisible()
    await shoot(phone, `shopper-joined-${colorScheme}`)
    await phone.context().close()
  })

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
