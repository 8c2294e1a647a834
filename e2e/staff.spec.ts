import { expect, type Page } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors, signIn } from './people'

/** How long a busy machine may take until the demonstration's first shoppers have come. */
const patience = 90_000

const feed = (page: Page) => page.getByRole('region', { name: 'Offers pushed' })

test('the staff see who is there and why, and go back ten minutes and forth', async ({ browser, house, request }) => {
  test.setTimeout(300_000)
  const staff = await openDesk(browser, house.url, '/staff/')
  await expect(feed(staff).getByRole('listitem').getByRole('button').first()).toBeVisible({ timeout: patience })

  await test.step('a person’s card says by which witnesses, what they agreed to, and what not to mention', async () => {
    const { shop } = await (await staff.context().request.get('/api/live/snapshot')).json()
    const known = async () => {
      const { people } = await (await staff.context().request.get('/api/live/snapshot')).json()
      return people.people.find((person: { shopper?: string; zone?: string }) => person.shopper && person.zone) as { shopper: string } | undefined
    }
    const card = staff.getByRole('dialog', { name: 'In the shop now' })
    await expect(async () => { // who is here may have left when their card is opened
      const person = await known()
      expect(person).toBeTruthy()
      await staff.goto(`/staff/?shop=${shop.id}&who=${person!.shopper}`)
      await expect(card.getByRole('region', { name: 'Two witnesses' }).getByRole('listitem')).toHaveCount(2)
    }).toPass({ timeout: patience })
    await expect(card.getByRole('region', { name: 'Do not mention' })).toContainText('camera')
    await expect(card.getByRole('region', { name: 'What they agreed to' })).toContainText('Location in the shop')
    await expectAccessible(staff)
    await staff.keyboard.press('Escape')
    await expect(card).toBeHidden()
  })

  await test.step('the keyboard goes from person to person on the plan, and opens their card', async () => {
    await staff.keyboard.press('Escape')
    const keys = staff.getByRole('button', { name: /^People on the plan/ })
    await keys.focus()
    await staff.keyboard.press('ArrowRight')
    const one = staff.locator('.plan-keys:focus')
    await expect(one).not.toHaveText(/^People on the plan/)
    await staff.keyboard.press('Enter')
    await expect(staff.getByRole('dialog', { name: 'In the shop now' })).toBeVisible()
    await staff.keyboard.press('Escape')
    await expect(staff.getByRole('dialog')).toBeHidden()
  })

  await test.step('the plan shows over how long the heat counts', async () => {
    await staff.getByRole('group', { name: 'Heat of' }).getByRole('button', { name: '10 min' }).click()
    await expect(staff.getByRole('button', { name: '10 min', pressed: true })).toBeVisible()
  })

  await test.step('a replay shows what was decided, by dragging and by the keyboard', async () => {
    await staff.getByRole('button', { name: 'Replay', exact: true }).click()
    const replay = staff.getByRole('region', { name: 'Replay' })
    await expect(replay.getByText(/^\d+ offers?, /)).toBeVisible({ timeout: 30_000 })
    const line = replay.getByRole('slider', { name: 'Time of the replay' })
    await line.press('End')
    const newest = await feed(staff).getByRole('listitem').first().innerText()
    await line.press('Home')
    await expect.poll(() => feed(staff).getByRole('listitem').allInnerTexts()).not.toContain(newest)
    await expect(staff.getByLabel('Live', { exact: true })).toBeHidden()
    await expectAccessible(staff)
  })

  await test.step('and the shop is live again in one press', async () => {
    await staff.getByRole('button', { name: 'Back to live' }).click()
    await expect(staff.getByRole('region', { name: 'Replay' })).toBeHidden()
    await expect(staff.getByLabel('Live', { exact: true })).toBeVisible()
    await expect(feed(staff).getByRole('listitem').first()).toBeVisible()
  })

  await test.step('an alert is told of, and somebody sees to it', async () => {
    const sightings = Array.from({ length: 20 }, (_, i) => ({ track: `broken-${i}`, sensor: 'camera', at: 'nowhere' }))
    await request.post('/v1/sightings', { headers: { Authorization: `Bearer ${house.edgeKey}` }, data: { sightings } })
    const bell = staff.getByRole('button', { name: /alert/ })
    await expect(bell).toContainText(/[1-9]\d* alert/, { timeout: patience })
    await bell.click()
    const list = staff.getByRole('dialog', { name: 'Alerts' }).getByRole('list', { name: 'Alerts' })
    const alert = list.getByRole('listitem').filter({ has: staff.getByRole('button', { name: 'I see to it' }) }).first()
    const text = (await alert.getByRole('paragraph').first().textContent())!
    const whatever = new RegExp(text.replaceAll(/[.*+?()[\]]/g, '\\$&').replaceAll(/\d+/g, '\\d+')) // the count in it goes on
    await expectAccessible(staff)
    await alert.getByRole('button', { name: 'I see to it' }).click()
    await expect(list.getByRole('listitem').filter({ hasText: whatever }).getByText('Seen to')).toBeVisible({ timeout: 20_000 })
  })
  expect(scriptErrors).toEqual([])
})

for (const hours of [-5, 5]) {
  test(`a tablet whose clock is ${hours} h off shows the shop’s time, and replays what has passed`, async ({ browser, house }) => {
    const staff = await openDesk(browser, house.url, '/staff/')
    await staff.addInitScript((ms) => {
      const { now } = Date
      Date.now = () => now() + ms
    }, hours * 3_600_000)
    await staff.reload()
    await staff.getByRole('button', { name: 'Replay', exact: true }).click()
    const replay = staff.getByRole('region', { name: 'Replay' })
    await expect(replay.getByText(/^\d+ offers?, |^Nothing was decided/)).toBeVisible({ timeout: 30_000 })
    await replay.getByRole('button', { name: 'Ten minutes earlier' }).click()
    await replay.getByRole('button', { name: 'Ten minutes later' }).click()
    const off = Math.abs(Date.now() - 600_000 - Date.parse(new URL(staff.url()).searchParams.get('replay')!))
    expect(off).toBeLessThan(600_000)
    await replay.getByRole('slider', { name: 'Time of the replay' }).press('l')
    await expect(replay).toBeHidden()
    await expect(staff.getByLabel('Live', { exact: true })).toBeVisible()
  })
}

test('who may only look is offered nothing that the house would refuse', async ({ browser, house }) => {
  test.setTimeout(300_000)
  const admin = await openDesk(browser, house.url, '/staff/')
  const account = { name: 'Vera', email: 'vera@aisle.example', password: 'only looks around', role: 'viewer' }
  const made = await admin.context().request.post('/api/team', { headers: { 'X-Aisle': '1' }, data: account })
  expect(made.status()).toBe(201)

  const viewer = await signIn(browser, house.url, '/staff/', account)
  const refused: string[] = []
  viewer.on('response', (response) => response.status() === 403 && refused.push(response.url()))
  await expect(feed(viewer)).toBeVisible()
  await expect(viewer.getByLabel('Live', { exact: true })).toBeVisible()
  await expect(viewer.getByRole('button', { name: 'Replay', exact: true })).toBeHidden()
  await expect(viewer.getByRole('region', { name: 'Help next' })).toBeHidden()
  await expect(viewer.getByRole('link', { name: 'Take a code' })).toBeHidden()
  await viewer.goto('/staff/scan')
  await expect(viewer.getByRole('heading', { name: 'Staff take codes' })).toBeVisible()
  expect(refused).toEqual([])
  expect(scriptErrors).toEqual([])
})

test('the screen speaks the browser’s language, or the one that is chosen', async ({ browser, house }) => {
  const staff = await openDesk(browser, house.url, '/staff/', { locale: 'nl-NL' })
  await expect(staff.getByRole('region', { name: 'Gestuurde acties' })).toBeVisible()
  await staff.getByRole('combobox', { name: 'Taal' }).selectOption('ar')
  await expect(staff.getByRole('region', { name: 'العروض المرسلة' })).toBeVisible()
  expect(await staff.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual(['ar', 'rtl'])
  // The panels are mirrored: the way elsewhere is at the right. What is north, west and earlier stays where it is.
  const navigation = await staff.getByRole('navigation').boundingBox()
  expect(navigation!.x).toBeGreaterThan(1_000)
  expect(await staff.locator('.plan').evaluate((plan) => getComputedStyle(plan).direction)).toBe('ltr')
  await expectAccessible(staff)
  await staff.reload()
  await expect(staff.getByRole('region', { name: 'العروض المرسلة' })).toBeVisible()
  expect(scriptErrors).toEqual([])
})
