import AxeBuilder from '@axe-core/playwright'
import { devices, expect, type Browser, type BrowserContextOptions, type Page } from '@playwright/test'

/** What failed in the scripts of the pages opened here. */
export const scriptErrors: string[] = []

type Look = Pick<BrowserContextOptions, 'colorScheme' | 'deviceScaleFactor' | 'locale' | 'reducedMotion'>

/** A phone that opens the shopper's app for the first time. */
export async function openPhone(browser: Browser, url: string, look: Look = {}): Promise<Page> {
  const context = await browser.newContext({ ...devices['Pixel 7'], locale: 'en-GB', baseURL: url, ...look })
  const page = await context.newPage()
  page.on('pageerror', (error) => scriptErrors.push(error.message))
  await page.goto('/shopper/')
  return page
}

/** A desk at which somebody has signed in. The demonstration's account is filled in already. */
export async function openDesk(browser: Browser, url: string, app: string, look: Look = {}): Promise<Page> {
  return signIn(browser, url, app, {}, look)
}

/** A desk at which somebody signs in by what they were given. */
export async function signIn(browser: Browser, url: string, app: string, as: { email?: string; password?: string }, look: Look = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1600, height: 900 }, locale: 'en-GB', baseURL: url, ...look })
  const page = await context.newPage()
  page.on('pageerror', (error) => scriptErrors.push(error.message))
  await page.goto(app)
  if (as.email) await page.getByRole('textbox', { name: 'E-mail' }).fill(as.email)
  if (as.password) await page.getByLabel(/^Password/).fill(as.password)
  await page.locator('button[type=submit]').click() // in whatever language
  await page.waitForURL(({ pathname }) => pathname.startsWith(app) && !pathname.endsWith('/sign-in'))
  return page
}

/** Axe has nothing to say about a page. */
export async function expectAccessible(page: Page) {
  await still(page)
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
}

/** What fades in is judged when it is there. */
const still = (page: Page) =>
  page.evaluate(async () => {
    const frame = () => new Promise(requestAnimationFrame)
    await frame().then(frame) // where a fade is about to begin
    const ending = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity)
    await Promise.allSettled(ending.map(({ finished }) => finished))
  })
