import { expect } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, openPhone } from './people'

/** How long a busy machine may take until the first offer is on a phone. */
const patience = 90_000

test('staff take a code once, and take back what was a mistake', async ({ browser, house }) => {
  test.setTimeout(180_000)
  const phone = await openPhone(browser, house.url)
  await phone.getByRole('button', { name: 'Mia' }).click()
  const offers = phone.getByRole('list', { name: 'Offers', exact: true }).getByRole('listitem')
  await expect(offers.first()).toBeVisible({ timeout: patience })
  await phone.getByRole('link', { name: /^Use offer/ }).first().click()
  const label = await phone.getByRole('img', { name: /^QR code/ }).getAttribute('aria-label')
  const code = label!.replace('QR code', '').replaceAll(' ', '')

  const desk = await openDesk(browser, house.url, '/staff/scan')
  const card = desk.locator('.scan-card').first()
  await expect(desk.getByRole('img', { name: /^QR code to check in/ })).toBeVisible()
  await desk.getByLabel('Or type the code').fill(code.toLowerCase())
  await desk.getByRole('button', { name: 'Look it up' }).click()
  await expect(card).toContainText('Holds until')
  await expectAccessible(desk)

  await desk.getByRole('button', { name: 'Take it' }).click()
  await expect(card).toContainText('Taken at')
  await expect(phone.getByText(/^Used/).first()).toBeVisible()

  await desk.getByRole('button', { name: /^Undo/ }).click()
  await expect(card).toContainText('Holds until')
  await expect(phone.getByText(/^Used/)).toHaveCount(0)
})
