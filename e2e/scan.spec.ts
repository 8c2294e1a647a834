import { chromium, expect } from '@playwright/test'
import { film } from './filmed'
import { test } from './house'
import { expectAccessible, openDesk, openPhone } from './people'

/** How long a busy machine may take until the first offer is on a phone. */
const patience = 90_000

test('staff take a code once, and take back what was a mistake', async ({ browser, house }, info) => {
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

  await test.step('a scanner that types is read wherever the keyboard is', async () => {
    await desk.getByRole('heading', { name: 'Take a code' }).click()
    await desk.keyboard.type(`${code}\n`)
    await expect(card).toContainText('Holds until')
    await desk.keyboard.type('ZZZZZZZZ\n')
    await expect(desk.getByRole('alert')).toContainText('ask the shopper to show it again')
  })

  await test.step('a camera reads it from the phone, where the browser itself can read none', async () => {
    const picture = info.outputPath('phone.y4m')
    await film(picture, code)
    const options = info.project.use.launchOptions ?? {}
    const filmed = await chromium.launch({ ...options, args: [...(options.args ?? []), `--use-file-for-fake-video-capture=${picture}`] })
    try {
      const till = await openDesk(filmed, house.url, '/staff/scan')
      expect(await till.evaluate(() => 'BarcodeDetector' in globalThis)).toBe(false)
      await till.getByRole('button', { name: 'Scan with the camera' }).click()
      await expect(till.locator('.scan-card').first()).toContainText('Holds until', { timeout: 30_000 })
      await expect(till.getByLabel('Or type the code')).toHaveValue(`${code.slice(0, 4)} ${code.slice(4)}`)
      await expect(till.getByLabel('What the camera sees')).toBeHidden() // found, it is off
    } finally {
      await filmed.close()
    }
  })
})
