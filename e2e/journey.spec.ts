import { expect } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, openPhone, scriptErrors } from './people'

/** The first to walk in at the demonstration: she has looked for running shoes. */
const shopper = 'Mia'

/** How long a busy machine may take; a quiet one shows the first offer some ten seconds after the start. */
const patience = 90_000

/** What she gets once she stands before the shoes, by text message too. */
const shoes = /running shoes|gait analysis/

test('an offer reaches a phone, and the staff and the marketers see why', async ({ browser, house, request }) => {
  test.setTimeout(180_000)
  const phone = await openPhone(browser, house.url)
  const staff = await openDesk(browser, house.url, '/staff/')
  const marketer = await openDesk(browser, house.url, '/console/')

  const title = await test.step('the offers arrive by themselves', async () => {
    await phone.getByRole('button', { name: shopper }).click()
    await expect(phone.getByRole('heading', { name: 'Offers near you' })).toBeVisible()
    await expect(phone.getByText('live')).toBeVisible()
    const offers = phone.getByRole('list', { name: 'Offers', exact: true }).getByRole('listitem')
    await expect(offers.first()).toBeVisible({ timeout: patience })
    console.log(`first offer on the phone ${((Date.now() - house.started) / 1000).toFixed(1)} s after the start`)
    const offer = offers.getByRole('heading', { name: shoes }).first()
    await expect(offer).toBeVisible({ timeout: patience })
    await expectAccessible(phone)
    return (await offer.textContent())!
  })

  await test.step('the staff see it go out', async () => {
    const feed = staff.getByRole('region', { name: 'Offers pushed' })
    await expect(feed.getByText(title).first()).toBeVisible()
    await expectAccessible(staff)
  })

  const code = await test.step('the shopper reads why, and opens the code', async () => {
    await phone.getByRole('link', { name: `Use offer: ${title}` }).first().click()
    await expect(phone.getByRole('heading', { name: title })).toBeVisible()
    await phone.getByText('Why this offer?').click()
    for (const sense of ['You looked for footwear', 'Our camera recognised you', 'You spent some time at Footwear']) {
      await expect(phone.getByText(sense)).toBeVisible()
    }
    await expectAccessible(phone)
    const label = await phone.getByRole('img', { name: /^QR code/ }).getAttribute('aria-label')
    return label!.replace('QR code', '').replaceAll(' ', '')
  })

  await test.step('the text message is in the sandbox, with the same code', async () => {
    await marketer.goto('/console/sandbox')
    await expect(marketer.getByText(code).first()).toBeVisible()
    await expectAccessible(marketer)
  })

  await test.step('the marketer sees the campaigns, and why she got it', async () => {
    await marketer.goto('/console/campaigns')
    await expect(marketer.getByRole('table')).toContainText(/shoes/i)
    await expectAccessible(marketer)
    const decision = new URL(phone.url()).hash.split('/')[2]!
    await marketer.goto(`/console/decisions/${decision}`)
    await expect(marketer.getByText(title).first()).toBeVisible()
    await expectAccessible(marketer)
  })

  await test.step('the till redeems it, once', async () => {
    const { shops } = await (await marketer.context().request.get('/api/shops')).json()
    const redeem = (transaction: string) =>
      request.post('/v1/redemptions', {
        headers: { Authorization: `Bearer ${house.edgeKey}` },
        data: { code, shop: shops[0].id, till: 'till-1', transaction, basket: { minor: 10395, currency: 'EUR' } },
      })
    expect((await redeem('e2e-1')).status()).toBe(200)
    expect((await redeem('e2e-2')).status()).toBe(409)
    await expect(phone.getByText(/^Used/)).toBeVisible()
    await expect(staff.getByRole('region', { name: 'Offers pushed' }).getByRole('button', { name: title }).filter({ hasText: 'Redeemed' }).first()).toBeVisible()
  })
})

test('a new shopper joins without any sensor, and changes their mind', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await expectAccessible(phone)
  await phone.getByRole('link', { name: 'Join' }).click()
  await phone.getByLabel('Your name').fill('Eva')
  await phone.getByRole('button', { name: 'Next' }).click()
  for (const answer of ['Yes', 'No', 'No', 'No']) {
    await expectAccessible(phone)
    await phone.getByRole('button', { name: answer, exact: true }).click()
  }
  await expect(phone.getByRole('heading', { name: 'You have joined' })).toBeVisible()
  await expectAccessible(phone)
  await phone.getByRole('button', { name: 'Show my offers' }).click()
  await expect(phone.getByRole('heading', { name: 'No offers yet' })).toBeVisible()

  await phone.getByRole('link', { name: 'You' }).click()
  const search = phone.getByRole('switch', { name: 'What you look for on our site' })
  await expect(search).not.toBeChecked()
  await search.click()
  await expect(search).toBeChecked()
  await expectAccessible(phone)
  await phone.reload()
  await expect(search).toBeChecked()
})

test('the app opens without a network, and shows the offers that it kept', async ({ browser, house }) => {
  const phone = await openPhone(browser, house.url)
  await phone.getByRole('button', { name: shopper }).click()
  await expect(phone.getByRole('link', { name: 'Recognition' })).toBeVisible()
  await phone.evaluate(() => navigator.serviceWorker.ready)
  await expect(phone.getByText('live')).toBeVisible()

  await phone.context().setOffline(true)
  await phone.reload()
  await expect(phone.getByText('offline', { exact: true })).toBeVisible()
  await expect(phone.getByText(/^The shop cannot be reached/)).toBeVisible()
})

test.afterEach(() => {
  expect(scriptErrors.splice(0)).toEqual([])
})
