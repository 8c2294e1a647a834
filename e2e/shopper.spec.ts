import { expect, type Page } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { test } from './house'
import { expectAccessible, openDesk, openPhone, scriptErrors } from './people'

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
  await expect(phone.getByRole('alert')).toHaveText(/^This code is not right/)
})

test('a number gets text messages once its owner has confirmed it, and another one anew', async ({ browser, house }) => {
  test.setTimeout(240_000)
  const desk = await openDesk(browser, house.url, '/console/')
  /** The latest of so many codes that were sent to a number, on the page of what a demonstration texts. */
  const codeAt = async (masked: string, sent: number) => {
    await desk.goto('/console/sandbox')
    const codes = desk.getByRole('listitem').filter({ hasText: masked }).getByText(/^\d{6} is your code/)
    await expect(codes).toHaveCount(sent, { timeout: 30_000 })
    return (await codes.first().textContent())!.slice(0, 6)
  }
  const phone = await openPhone(browser, house.url)
  await phone.getByRole('link', { name: 'Join', exact: true }).click()
  await phone.getByLabel('Your name').fill('Lia')
  await phone.getByLabel('Your phone number').fill('+31 6 28000001')
  await phone.getByRole('button', { name: 'Next' }).click()
  for (const answer of ['No', 'Yes', 'No', 'No', 'No']) await phone.getByRole('button', { name: answer, exact: true }).click()
  await expect(phone.getByText('A code is on its way to +31628000001.')).toBeVisible()
  await expectAccessible(phone)

  await test.step('she may put it off, and nothing is texted', async () => {
    await phone.getByRole('button', { name: 'Not now' }).click()
    await phone.getByRole('button', { name: 'Show my offers' }).click()
    await phone.getByRole('link', { name: 'You', exact: true }).click()
    await expect(phone.getByText('No number of yours is confirmed yet')).toBeVisible()
    await expect(phone.getByText('not confirmed yet', { exact: true })).toBeVisible()
  })

  await test.step('she confirms it', async () => {
    await phone.getByRole('link', { name: 'Confirm your number' }).click()
    await phone.getByLabel('Your phone number').fill('+31 6 28000001')
    await phone.getByRole('button', { name: 'Text me a code' }).click()
    await expect(phone.getByLabel('The six digits')).toBeFocused()
    await expectAccessible(phone)
    await phone.getByRole('button', { name: 'Send another code' }).click()
    await expect(phone.getByText(/^Another code is on its way/)).toBeVisible()
    const code = await codeAt('••••01', 3)
    await phone.getByLabel('The six digits').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await phone.getByRole('button', { name: 'Confirm' }).click()
    await expect(phone.getByText('••••01')).toBeVisible()
    await expect(phone.getByText('No number of yours is confirmed yet')).toHaveCount(0)
  })

  await test.step('another number begins anew', async () => {
    await phone.getByRole('link', { name: 'Change your number' }).click()
    await phone.getByLabel('Your phone number').fill('+31 6 28000002')
    await phone.getByRole('button', { name: 'Text me a code' }).click()
    await phone.getByLabel('The six digits').fill(await codeAt('••••02', 1))
    await phone.getByRole('button', { name: 'Confirm' }).click()
    await expect(phone.getByRole('heading', { name: 'Lia' })).toBeVisible()
    await expect(async () => {
      await phone.reload()
      await expect(phone.getByText('••••02')).toBeVisible({ timeout: 2_000 })
    }).toPass({ timeout: 30_000 })
  })

  await test.step('who confirms it while they join gets their link all the same', async () => {
    const other = await openPhone(browser, house.url)
    await other.getByRole('link', { name: 'Join', exact: true }).click()
    await other.getByLabel('Your name').fill('Lev')
    await other.getByLabel('Your phone number').fill('+31 6 28000004')
    await other.getByRole('button', { name: 'Next' }).click()
    for (const answer of ['Yes', 'Yes', 'No', 'No', 'No']) await other.getByRole('button', { name: answer, exact: true }).click()
    await other.getByLabel('The six digits').fill(await codeAt('••••04', 1))
    await other.getByRole('button', { name: 'Confirm' }).click()
    await expect(other.getByRole('heading', { name: 'You have joined' })).toBeVisible()
    await other.getByRole('button', { name: 'Show my offers' }).click()
    await other.getByRole('link', { name: 'You', exact: true }).click()
    await expect(other.getByText('••••04')).toBeVisible()
  })

  await test.step('by it she signs in on another phone', async () => {
    const other = await openPhone(browser, house.url)
    await other.getByRole('link', { name: 'Sign in' }).click()
    await other.getByLabel('Your phone number').fill('+31628000001')
    await other.getByRole('button', { name: 'Text me a code' }).click()
    await expect(other.getByLabel('The six digits')).toBeVisible()
    await other.getByLabel('The six digits').fill(await codeAt('••••01', 4))
    await other.getByRole('button', { name: 'Sign in' }).click()
    await other.getByRole('link', { name: 'You', exact: true }).click()
    await expect(other.getByRole('heading', { name: 'Lia' })).toBeVisible()
  })
})

test('who reads the code in the shop before they join is checked in afterwards, and may go back a question', async ({ browser, house, request }) => {
  const { code } = await (await request.get('/api/demo/check-in')).json()
  const phone = await openPhone(browser, house.url)
  await phone.goto(`/shopper/#/here/${code}`)
  await phone.getByRole('link', { name: 'Join', exact: true }).click()
  await phone.getByLabel('Your name').fill('Ben')
  await phone.getByRole('button', { name: 'Next' }).click()
  await phone.getByRole('button', { name: 'Yes', exact: true }).click()
  await expect(phone.getByText('Question 2 of 4')).toBeVisible()
  await phone.goBack()
  await expect(phone.getByText('Question 1 of 4')).toBeVisible()
  await phone.goBack()
  await expect(phone.getByLabel('Your name')).toHaveValue('Ben')
  await phone.goForward()
  for (const answer of ['Yes', 'No', 'No', 'No']) await phone.getByRole('button', { name: answer, exact: true }).click()
  await phone.getByRole('button', { name: 'Show my offers' }).click()
  await expect(phone.getByText(/^You are checked in at/)).toBeVisible()
})

test('who takes their number back is not asked for texts, and has joined whichever way they leave', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await phone.getByRole('link', { name: 'Join', exact: true }).click()
  await phone.getByLabel('Your name').fill('Bea')
  await phone.getByLabel('Your phone number').fill('+31 6 28000003')
  await phone.getByRole('button', { name: 'Next' }).click()
  for (const answer of ['Yes', 'Yes']) await phone.getByRole('button', { name: answer, exact: true }).click()
  for (const question of [2, 1]) {
    await phone.goBack()
    await expect(phone.getByText(`Question ${question} of 5`)).toBeVisible()
  }
  await phone.goBack()
  await phone.getByLabel('Your phone number').fill('')
  await phone.getByRole('button', { name: 'Next' }).click()
  for (const answer of ['Yes', 'No', 'No', 'No']) await phone.getByRole('button', { name: answer, exact: true }).click()
  const link = (await phone.getByRole('link', { name: /#t=/ }).getAttribute('href'))!

  await phone.goto('/shopper/#/') // as the phone's own way back does in the end
  await expect(phone.getByRole('link', { name: 'Inbox' })).toBeVisible()
  await phone.getByRole('link', { name: 'You', exact: true }).click()
  await expect(phone.getByRole('switch', { name: 'Offers in this app' })).toBeChecked()
  await expect(phone.getByRole('switch', { name: 'Text messages' })).not.toBeChecked()

  await test.step('her link opens nothing once she is deleted, and leaves another’s phone with whose it is', async () => {
    const { status } = await phone.evaluate(async () => ({ status: (await fetch('/api/me', { method: 'DELETE', headers: { 'X-Aisle': '1' } })).status }))
    expect(status).toBe(200)
    const other = await openPhone(browser, house.url)
    await other.goto('about:blank')
    await other.goto(link)
    await expect(other.getByRole('alert')).toHaveText(/was deleted\.$/)
    await join(other, 'Finn', ['Yes', 'No', 'No', 'No'])
    await expect(other.getByRole('link', { name: 'Inbox' })).toBeVisible()
    await other.goto('about:blank')
    await other.goto(link)
    await other.getByRole('link', { name: 'You', exact: true }).click()
    await expect(other.getByRole('heading', { name: 'Finn' })).toBeVisible()
  })
})

test('a camera that is allowed when nobody waits for it any more is let go', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await phone.addInitScript(() => {
    const media = navigator.mediaDevices
    const ask = media.getUserMedia.bind(media)
    media.getUserMedia = async (wanted) => {
      await new Promise((allowed) => addEventListener('allowed', allowed, { once: true }))
      const stream = await ask(wanted)
      Object.assign(window, { stream })
      return stream
    }
  })
  await phone.reload()
  await join(phone, 'Kai', ['Yes', 'No', 'No', 'Yes'])
  await phone.getByLabel('Your name, as your signature').fill('Kai')
  await phone.getByRole('button', { name: 'I agree and sign' }).click()
  await phone.getByRole('button', { name: 'Start the camera' }).click()
  await phone.getByRole('link', { name: 'Offers', exact: true }).click()
  await expect(phone.getByRole('heading', { name: 'Offers near you' })).toBeVisible()
  await phone.evaluate(() => dispatchEvent(new Event('allowed')))
  await expect(async () => {
    expect(await phone.evaluate(() => (window as unknown as { stream?: MediaStream }).stream?.getTracks().map(({ readyState }) => readyState))).toEqual(['ended'])
  }).toPass({ timeout: 30_000 })
})

test('a message that comes while the inbox is read moves nothing, and waits to be asked for', async ({ browser, house, request }) => {
  test.setTimeout(240_000)
  const { code } = await (await request.get('/api/demo/check-in')).json()
  const phone = await openPhone(browser, house.url)
  await join(phone, 'Ivo', ['Yes', 'No', 'No', 'No'])
  await expect(phone.getByText('live')).toBeVisible()
  const stand = (zone: string) => phone.request.post('/api/me/check-in', { headers: { 'X-Aisle': '1' }, data: { code, zone } })
  await stand('bakery')
  await phone.getByRole('link', { name: 'Inbox' }).click()
  const messages = phone.getByRole('list', { name: 'Inbox' }).getByRole('listitem')
  await expect(messages).toHaveCount(1, { timeout: 60_000 })
  await phone.evaluate(() => {
    Object.assign(window, { shift: 0 })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as (PerformanceEntry & { value: number })[]) (window as unknown as { shift: number }).shift += entry.value
    }).observe({ type: 'layout-shift' })
  })
  // One of these campaigns may hold itself back from him, to measure what it earns.
  for (const zone of ['coffee', 'sports']) await stand(zone)
  const more = phone.getByRole('button', { name: /^\d new messages?$/ })
  await expect(more).toBeVisible({ timeout: 60_000 })
  await expectAccessible(phone)
  await expect(messages).toHaveCount(1)
  expect(await phone.evaluate(() => (window as unknown as { shift: number }).shift)).toBe(0)
  await more.click()
  await expect(more).toHaveCount(0)
  expect(await messages.count()).toBeGreaterThan(1)
  await expect(phone.getByRole('list', { name: 'Inbox' })).toBeFocused()
})

test('an inbox that could not be read is read once the shop is reached again', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await join(phone, 'Eve', ['Yes', 'No', 'No', 'No'])
  await phone.getByRole('link', { name: 'Inbox' }).click()
  await expect(phone.getByText('Nothing was sent to you lately')).toBeVisible()
  await phone.evaluate(() => navigator.serviceWorker.ready)
  await phone.context().setOffline(true)
  await phone.reload()
  await expect(phone.getByRole('alert')).toHaveText(/^The shop cannot be reached/)
  await phone.context().setOffline(false)
  await expect(phone.getByText('Nothing was sent to you lately')).toBeVisible({ timeout: 60_000 })
  await expect(phone.getByRole('alert')).toHaveCount(0)
})

test.afterEach(() => {
  expect(scriptErrors.splice(0)).toEqual([])
})
