import { chromium, devices, expect } from '@playwright/test'
import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { test } from './house'
import { expectAccessible, openDesk } from './people'

/** Mia comes to the demonstration's shop again and again; her drawn face has this number. */
const shopper = 'Mia'
const person = 3

test('a face is deleted with a receipt, and enrolled anew by the phone’s camera', async ({ house }, info) => {
  test.setTimeout(300_000)
  const clip = info.outputPath('clip.mjpeg')
  execFileSync('go', ['run', './e2e/clip', '-person', `${person}`, '-o', clip], { cwd: path.resolve(import.meta.dirname, '..') })
  const options = info.project.use.launchOptions ?? {}
  const browser = await chromium.launch({ ...options, args: [...(options.args ?? []), `--use-file-for-fake-video-capture=${clip}`] })
  const context = await browser.newContext({ ...devices['Pixel 7'], locale: 'en-GB', baseURL: house.url, permissions: ['camera'] })
  const phone = await context.newPage()
  const errors: string[] = []
  phone.on('pageerror', (error) => errors.push(error.message))
  try {
    await phone.goto('/shopper/')
    await phone.getByRole('button', { name: shopper }).click()
    await phone.getByRole('link', { name: 'Recognition' }).click()

    await test.step('she deletes the face that the demonstration enrolled, and gets a receipt that she can check', async () => {
      await expect(phone.getByRole('heading', { name: 'You are recognised at the door' })).toBeVisible({ timeout: 60_000 })
      await expectAccessible(phone)
      await phone.getByRole('button', { name: 'Delete my face, and stop' }).click()
      const receipt = phone.getByRole('region', { name: 'Receipt' })
      await expect(receipt.getByRole('row', { name: /vectors of the face/ })).toContainText(/\s*3\s*0$/)
      await expect(receipt.getByText(/is right/)).toBeVisible()
      await expect(receipt.getByText(/have confirmed that they forgot/)).toBeVisible({ timeout: 60_000 })
      await expectAccessible(phone)
      const [download] = await Promise.all([phone.waitForEvent('download'), receipt.getByRole('link', { name: 'Download the receipt' }).click()])
      const { signed, signature } = JSON.parse(await readFile(await download.path(), 'utf8'))
      expect(JSON.parse(signed)).toMatchObject({ what: 'aisle deletion 1', why: 'app' })
      expect(signature).toMatch(/^[A-Za-z0-9+/]{86}==$/)
    })

    await test.step('nothing is taken before she has read and signed', async () => {
      await expect(phone.getByText('What is kept')).toBeVisible()
      await expect(phone.getByRole('button', { name: 'Start the camera' })).toBeHidden()
      await phone.getByLabel('Language').selectOption('nl')
      await expect(phone.getByRole('heading', { name: 'Herkend worden bij de deur' })).toBeVisible()
      await phone.getByRole('button', { name: 'I agree and sign' }).click()
      await expect(phone.getByRole('alert')).toContainText('Write your name')
      await phone.getByLabel('Your name, as your signature').fill(shopper)
      await expectAccessible(phone)
      await phone.getByRole('button', { name: 'I agree and sign' }).click()
    })

    await test.step('three photos are taken by themselves, and sent when she says so', async () => {
      await phone.getByRole('button', { name: 'Start the camera' }).click()
      await expect(phone.getByRole('list', { name: 'Photos' }).getByRole('img')).toHaveCount(3, { timeout: 60_000 })
      await expectAccessible(phone)
      await phone.getByRole('button', { name: 'Send these photos' }).click()
      await expect(phone.getByText('The camera at the door knows you now')).toBeVisible({ timeout: 30_000 })
    })

    await test.step('the cameras’ signed counters are checked on the phone', async () => {
      await phone.getByText('What the cameras counted').click()
      await expect(async () => {
        await phone.reload()
        await phone.getByText('What the cameras counted').click()
        await phone.getByRole('button', { name: 'Verify the signatures' }).first().click({ timeout: 3_000 })
      }).toPass({ timeout: 90_000 })
      await expect(phone.getByText('All signatures were checked on this phone')).toBeVisible()
      await expectAccessible(phone)
    })

    await test.step('the console shows who is enrolled, by which consent, and how far to trust it', async () => {
      const desk = await openDesk(browser, house.url, '/console/')
      await desk.goto('/console/recognition')
      await expect(desk.getByText('demonstration grade')).toBeVisible()
      await expect(desk.getByText('no check that a living person')).toBeVisible()
      const row = desk.getByRole('row', { name: shopper })
      await expect(row).toContainText('(nl)')
      await desk.getByLabel('Strangers who pass the cameras in a day').fill('800')
      await expect(desk.getByText(/Of 800 strangers/)).toBeVisible()
      await expect(desk.getByRole('img', { name: /^At the threshold/ })).toBeVisible()
      await expectAccessible(desk)
    })
    expect(errors).toEqual([])
  } finally {
    await browser.close()
  }
})
