import { expect, type Page } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { test } from './house'
import { expectAccessible, openPhone, scriptErrors } from './people'

async function join(phone: Page, name: string, answers: string[]) {
  await phone.getByRole('link', { name: 'Join', exact: true }).click()
  await phone.getByLabel('Your name').fill(name)
  await phone.getByRole('button', { name: 'Next' }).click()
  for (const answer of answers) await phone.getByRole('button', { name: answer, exact: true }).click()
  await phone.getByRole('button', { name: 'Show my offers' }).click()
}

test('a shopper without any sensor checks in by the code in the shop, and gets the same offer', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await join(phone, 'Noa', ['Yes', 'No', 'No', 'No'])
  await phone.getByRole('link', { name: 'Check in here' }).click()
  await phone.getByRole('button', { name: 'Read the code that hangs in the demonstration’s shop' }).click()
  await expect(phone.getByText(/^You are checked in at/)).toBeVisible()
  await expectAccessible(phone)
  await phone.getByRole('button', { name: 'Bakery' }).click()
  await expect(phone.getByRole('button', { name: 'Bakery you are here' })).toBeVisible()

  await phone.getByRole('link', { name: 'Inbox' }).click()
  const bread = phone.getByRole('list', { name: 'Inbox' }).getByRole('listitem').filter({ hasText: "30% off today's bread" })
  await expect(bread).toContainText('In this app', { timeout: 30_000 })
  await expectAccessible(phone)
  await bread.getByRole('link').click()
  await phone.getByText('Why this offer?').click()
  await expect(phone.getByText('You told us that you are at Bakery.')).toBeVisible()
})

test('quiet hours and a budget are kept, and the app speaks from right to left', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await join(phone, 'Sam', ['Yes', 'No', 'No', 'No'])
  await phone.getByRole('link', { name: 'You', exact: true }).click()
  await phone.getByRole('switch', { name: 'Quiet hours of my own' }).click()
  await phone.getByLabel('From').fill('20:30')
  await phone.getByLabel('From').blur()
  await phone.getByLabel('How often a day, at most').selectOption({ label: '4 points a day' })
  await expect(async () => {
    await phone.reload()
    await expect(phone.getByLabel('From')).toHaveValue('20:30', { timeout: 2_000 })
    await expect(phone.getByLabel('How often a day, at most')).toHaveValue('4', { timeout: 2_000 })
  }).toPass({ timeout: 30_000 })

  await phone.getByLabel('Language').selectOption('ar')
  await expect(phone.locator('html')).toHaveAttribute('dir', 'rtl')
  await expect(phone.getByRole('heading', { name: 'ما تسمح به' })).toBeVisible()
  await expectAccessible(phone)
  expect(await phone.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'nothing sticks out').toBe(true)
  await phone.reload()
  await expect(phone.locator('html')).toHaveAttribute('lang', 'ar')
  await phone.getByLabel('اللغة').selectOption('nl')
  await expect(phone.getByRole('heading', { name: 'Wat je toestaat' })).toBeVisible()
  await expect(phone.locator('html')).toHaveAttribute('dir', 'ltr')
})

test('a signal that is switched off ranks the offers anew within a second', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await phone.getByRole('button', { name: 'Mia' }).click()
  const offers = phone.getByRole('list', { name: 'Offers', exact: true })
  await expect(offers.getByText('You were recognised').first()).toBeVisible({ timeout: 90_000 })
  const place = phone.getByRole('switch', { name: 'Place' })
  await place.click()
  await expect(place).not.toBeChecked()
  await expect(phone.getByText(/^Ranked anew in/)).toBeVisible()
  await expectAccessible(phone)
  await place.click()
  await expect(place).toBeChecked()
})

test('who has everything deleted gets a receipt, checked on the phone, and is nobody afterwards', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await join(phone, 'Ada', ['Yes', 'No', 'No', 'No'])
  await phone.getByRole('link', { name: 'You', exact: true }).click()
  await phone.getByRole('link', { name: 'Delete all about me' }).click()
  await expectAccessible(phone)
  await phone.getByRole('button', { name: 'Delete it all' }).click()
  await expect(phone.getByRole('heading', { name: 'All about you is deleted' })).toBeVisible({ timeout: 30_000 })
  await expect(phone.getByRole('region', { name: 'Receipt' }).getByText(/it is right/)).toBeVisible()
  await expectAccessible(phone)
  const [download] = await Promise.all([phone.waitForEvent('download'), phone.getByRole('link', { name: 'Download the receipt' }).click()])
  expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject({ signature: expect.stringMatching(/^[A-Za-z0-9+/]{86}==$/) })
  await phone.getByRole('button', { name: 'Done' }).click()
  await expect(phone.getByRole('link', { name: 'Join', exact: true })).toBeVisible()
  await phone.reload()
  await expect(phone.getByRole('link', { name: 'Join', exact: true })).toBeVisible()
})

test('a code is asked for on a new phone, and a wrong one says so', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await phone.getByRole('link', { name: 'Sign in' }).click()
  await phone.getByLabel('Your phone number').fill('0612345678')
  await phone.getByRole('button', { name: 'Text me a code' }).click()
  await expect(phone.getByText(/^Begin with \+/)).toBeVisible()
  await phone.getByLabel('Your phone number').fill('+31 6 12345678')
  await phone.getByRole('button', { name: 'Text me a code' }).click()
  await phone.getByLabel('The six digits').fill('000000')
  await expectAccessible(phone)
  await phone.getByRole('button', { name: 'Sign in' }).click()
  await expect(phone.getByRole('alert')).toBeVisible()
})

test.afterEach(() => {
  expect(scriptErrors.splice(0)).toEqual([])
})
