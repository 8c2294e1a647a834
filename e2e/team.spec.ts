import { expect, type Page } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors, signIn } from './people'

/** Somebody whom no other journey knows. */
const wim = { name: 'Wim de Vries', email: 'wim@example.com', password: 'a garden of nettles', other: 'a garden of thistles' }

/** Chooses in a list that opens. */
async function choose(desk: Page, list: string, option: string) {
  await desk.getByRole('combobox', { name: list, exact: true }).click()
  await desk.getByRole('option', { name: option, exact: true }).click()
}

/** Presses a button until something has come of it: a busy house puts off whoever comes with a password. */
async function press(page: Page, name: string, came: () => Promise<unknown>) {
  await expect(async () => {
    const button = page.getByRole('button', { name })
    if (await button.isVisible()) await button.click({ timeout: 5_000 })
    await came()
  }).toPass({ timeout: 120_000 })
}

/** From an invitation to the last session: who is let in, what they may, and that it is written down. */
test('somebody is let in, may more, and looks after their own account', async ({ browser, house }) => {
  test.setTimeout(420_000)
  const desk = await openDesk(browser, house.url, '/console/')
  const theirs = await browser.newContext({ viewport: { width: 1600, height: 900 }, locale: 'en-GB', baseURL: house.url })
  const page = await theirs.newPage()
  page.on('pageerror', (error) => scriptErrors.push(error.message))
  const row = desk.getByRole('row').filter({ hasText: wim.email })

  const link = await test.step('an administrator invites them, and gets a link to hand over', async () => {
    await desk.goto('/console/team')
    const form = desk.getByRole('form', { name: 'Invite somebody' })
    await form.getByRole('button', { name: 'Invite them' }).click()
    await expect(form.getByText('Their e-mail address')).toBeVisible()
    await form.getByRole('textbox', { name: 'Name' }).fill(wim.name)
    await form.getByRole('textbox', { name: 'E-mail' }).fill(wim.email)
    await choose(desk, 'Role', 'Viewer')
    await form.getByRole('button', { name: 'Invite them' }).click()
    const shown = desk.getByRole('dialog', { name: `A link for ${wim.name}` })
    const { pathname, hash } = new URL((await shown.getByText(/#t=/).textContent())!)
    await expectAccessible(desk)
    await desk.keyboard.press('Escape')
    await expect(row).toContainText('Has a link')
    return pathname + hash
  })

  await test.step('by it they choose a password, once, and are in', async () => {
    await page.goto(link)
    await page.getByLabel(/^Password/).fill('short')
    await page.getByRole('button', { name: 'Keep it, and sign in' }).click()
    await expect(page.getByText('At least 10 characters').last()).toBeVisible()
    await expectAccessible(page)
    await page.getByLabel(/^Password/).fill(wim.password)
    await press(page, 'Keep it, and sign in', () => page.waitForURL(/\/console\/campaigns$/, { timeout: 15_000 }))
    await expect(page.getByRole('button', { name: `${wim.name}: account` })).toContainText('viewer')
    const again = await (await browser.newContext({ baseURL: house.url, locale: 'en-GB' })).newPage()
    await again.goto(link)
    await again.getByLabel(/^Password/).fill(wim.other)
    await again.getByRole('button', { name: 'Keep it, and sign in' }).click()
    await expect(again.getByRole('alert')).toBeVisible()
    await again.context().close()
  })

  await test.step('a viewer’s doors are shut, and the pages say whom to ask', async () => {
    for (const [place, says] of [['team', 'Only admins see the team'], ['keys', 'Only admins see the keys'], ['audit', 'Only admins see the audit']] as const) {
      await page.goto(`/console/${place}`)
      await expect(page.getByRole('heading', { name: says })).toBeVisible()
      expect((await theirs.request.get(`/api/${place}`)).status(), place).toBe(403)
    }
    expect((await theirs.request.post('/api/team', { headers: { 'X-Aisle': '1' }, data: { name: 'Eve', email: 'eve@example.com', role: 'admin' } })).status()).toBe(403)
    await expectAccessible(page)
  })

  await test.step('made a marketer, they may at once', async () => {
    await choose(desk, `Role of ${wim.name}`, 'Marketer')
    await expect(desk.getByText(`${wim.name} is marketer now.`)).toBeVisible()
    await page.reload()
    await expect(page.getByRole('button', { name: `${wim.name}: account` })).toContainText('marketer')
    expect((await theirs.request.get('/api/team')).status()).toBe(403)
  })

  await test.step('another password ends the sessions elsewhere', async () => {
    const elsewhere = await signIn(browser, house.url, '/console/', wim)
    await page.goto('/console/account')
    const sessions = page.getByRole('region', { name: 'Where I am signed in' })
    await expect(sessions.getByRole('row')).toHaveCount(3) // the head is one
    await expect(sessions.getByRole('row').filter({ hasText: 'This one' })).toHaveCount(1)
    const form = page.getByRole('form', { name: 'Another password' })
    await form.getByLabel('The password of now').fill('not that one')
    await form.getByLabel('The new one').fill(wim.other)
    await press(page, 'Change it', () => expect(form.getByText('is not your password')).toBeVisible({ timeout: 15_000 }))
    await expectAccessible(page)
    await form.getByLabel('The password of now').fill(wim.password)
    await press(page, 'Change it', () => expect(sessions.getByRole('row')).toHaveCount(2, { timeout: 15_000 }))
    expect((await elsewhere.request.get('/api/campaigns')).status()).toBe(401)
    await elsewhere.reload()
    await expect(elsewhere.getByRole('heading', { name: 'Sign in to Aisle' })).toBeVisible()
    await elsewhere.context().close()
  })

  await test.step('disabled, they are out at once, and the audit has it all', async () => {
    await desk.getByRole('button', { name: `What can be done with ${wim.name}` }).click()
    await desk.getByRole('menuitem', { name: 'Disable, and sign them out' }).click()
    await expect(row).toContainText('Disabled')
    expect((await theirs.request.get('/api/campaigns')).status()).toBe(401)
    await desk.goto('/console/audit')
    const done = desk.getByRole('region', { name: 'What was done' })
    await desk.getByRole('textbox', { name: 'Who' }).fill(wim.name)
    await expect(done.getByRole('row').filter({ hasText: 'Alex Demo' })).toHaveCount(0)
    await expect(done.getByRole('row').filter({ hasText: 'password' }).first()).toBeVisible()
    await expectAccessible(desk)
    await desk.getByRole('textbox', { name: 'Who' }).fill('')
    await desk.getByRole('textbox', { name: 'What' }).fill('person/')
    await expect(done.getByRole('row').filter({ hasText: 'Alex Demo' }).first()).toBeVisible()
  })
  await theirs.close()
})

/** What a program comes in with: shown once, opens what it was made for, and nothing once it is revoked. */
test('a program’s key is made, used and revoked', async ({ browser, house, request }) => {
  test.slow() // every page of it is looked at by axe
  const desk = await openDesk(browser, house.url, '/console/')
  const row = desk.getByRole('region', { name: 'Keys' }).getByRole('row').filter({ hasText: 'Weekly report' })
  const read = (key: string, door: string) => request.get(door, { headers: { Authorization: `Bearer ${key}` } }).then((answer) => answer.status())

  const key = await test.step('it is shown this once', async () => {
    await desk.goto('/console/keys')
    const form = desk.getByRole('form', { name: 'Make a key' })
    await form.getByRole('button', { name: 'Make it' }).click()
    await expect(form.getByText('What it may do')).toBeVisible()
    await form.getByRole('textbox', { name: 'What it is for' }).fill('Weekly report')
    await form.getByRole('checkbox', { name: 'Read', exact: true }).check()
    await form.getByRole('button', { name: 'Make it' }).click()
    const shown = desk.getByRole('dialog', { name: 'The key for “Weekly report”' })
    const key = (await shown.getByText(/^aisle_key_/).textContent())!
    await expectAccessible(desk)
    await desk.keyboard.press('Escape')
    await expect(row).toContainText(`…${key.slice(-4)}`)
    await desk.reload()
    await expect(row).toContainText('never')
    await expect(desk.getByText(key)).toHaveCount(0)
    return key
  })

  await test.step('it opens what it was made for, and nothing else', async () => {
    expect(await read(key, '/api/campaigns')).toBe(200)
    expect(await read(key, '/api/team')).toBe(403)
    expect((await request.post('/v1/track', { headers: { Authorization: `Bearer ${key}` }, data: { userId: 'c-1', event: 'Page Viewed' } })).ok()).toBe(false)
    await desk.reload()
    await expect(row).not.toContainText('never')
    await expectAccessible(desk)
  })

  await test.step('revoked, it opens nothing', async () => {
    await desk.getByRole('button', { name: 'Revoke Weekly report' }).click()
    await desk.getByRole('dialog').getByRole('button', { name: 'Revoke it' }).click()
    await expect(row).toContainText('Revoked')
    await expect.poll(() => read(key, '/api/campaigns'), { timeout: 30_000 }).toBe(401)
    await desk.goto('/console/audit?what=key/')
    await expect(desk.getByRole('region', { name: 'What was done' }).getByRole('row').filter({ hasText: 'revoke' }).first()).toBeVisible()
  })
})

test.afterEach(() => {
  expect(scriptErrors, 'errors in the scripts of the pages').toEqual([])
})
