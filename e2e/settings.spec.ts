import { expect, type Page } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors, signIn } from './people'

const hour = 60

/** Quiet hours that are on the other side of the clock, so that nothing is held back meanwhile: 60 is 01:00. */
const farFrom = (now: Date) => (now.getUTCHours() + 12) * hour
const clock = (minute: number) => `${String((minute / hour) % 24).padStart(2, '0')}:00`

/** An administrator says what holds whatever the campaign; what is wrong is said in words, and others only look. */
test('the house’s hours, limits and costs are kept, refused and shown', async ({ browser, house }) => {
  test.slow() // every page of it is looked at by axe
  const desk = await openDesk(browser, house.url, '/console/')
  const was = await (await desk.request.get('/api/house')).json()
  const quiet = desk.getByRole('region', { name: 'Quiet hours' })
  const limit = desk.getByRole('listitem', { name: 'Limit 1' })
  const cost = desk.getByRole('textbox', { name: 'Most that the messages of a day may cost' })
  const keep = desk.getByRole('button', { name: 'Keep the settings' })
  const from = farFrom(new Date())
  await test.step('what cannot be is refused with a sentence', async () => {
    await desk.goto('/console/settings')
    await expect(keep).toBeDisabled()
    await quiet.getByRole('switch').click()
    await quiet.getByLabel('From').fill(clock(from))
    await quiet.getByLabel('Until').fill(clock(from))
    await desk.getByRole('button', { name: 'Add a limit' }).click()
    await choose(desk, limit.getByRole('combobox', { name: 'Of' }), 'Those tagged')
    await keep.click()
    await expect(quiet.getByText('Not the time at which they begin')).toBeVisible()
    await expect(limit.getByText('Write the tag')).toBeVisible()
    await expectAccessible(desk)
    expect((await (await desk.request.get('/api/house')).json()).version).toBe(was.version)
  })

  await test.step('what can is kept, and there after a reload', async () => {
    await quiet.getByLabel('Until').fill(clock(from + hour))
    await limit.getByRole('combobox', { name: 'Tag' }).fill('sale')
    await choose(desk, limit.getByRole('combobox', { name: 'By' }), 'SMS')
    await limit.getByRole('textbox', { name: 'At most' }).fill('3')
    await expect(limit).toContainText('at most 3 messages by SMS of campaigns tagged “sale” in a day of theirs')
    await cost.fill('40')
    await keep.click()
    await expect(desk.getByText('Kept. It holds for everything that is sent from now on.')).toBeVisible()
    await desk.reload()
    await expect(quiet.getByLabel('From')).toHaveValue(clock(from))
    await expect(quiet.getByLabel('Until')).toHaveValue(clock(from + hour))
    await expect(limit.getByRole('textbox', { name: 'At most' })).toHaveValue('3')
    await expect(cost).toHaveValue('40')
    await expectAccessible(desk)
  })

  await test.step('what others change meanwhile is not written over', async () => {
    await cost.fill('41')
    const theirs = await (await desk.request.get('/api/house')).json()
    expect((await desk.request.put('/api/house', { headers: { 'X-Aisle': '1' }, data: { ...theirs, cost_per_day: 50 } })).ok()).toBe(true)
    await keep.click()
    await expect(desk.getByRole('alert').filter({ hasText: 'Somebody else changed the settings meanwhile.' })).toBeVisible()
    await desk.getByRole('button', { name: 'Show what they are now' }).click()
    await expect(cost).toHaveValue('50')
  })

  await test.step('a viewer reads them, and changes nothing', async () => {
    const email = 'onlooker@example.com'
    const password = 'looks at everything'
    expect((await desk.request.post('/api/team', { headers: { 'X-Aisle': '1' }, data: { name: 'Olaf Onlooker', email, password, role: 'viewer' } })).ok()).toBe(true)
    const viewer = await signIn(browser, house.url, '/console/', { email, password })
    await viewer.goto('/console/settings')
    await expect(viewer.getByText('Only an administrator may change them.')).toBeVisible()
    await expect(viewer.getByRole('textbox', { name: 'Most that the messages of a day may cost' })).toBeDisabled()
    await expect(viewer.getByRole('button', { name: 'Keep the settings' })).toHaveCount(0)
    await expectAccessible(viewer)
    expect((await viewer.request.put('/api/house', { headers: { 'X-Aisle': '1' }, data: was })).status()).toBe(403)
    await viewer.context().close()
  })

  await test.step('and all of it is taken back', async () => {
    const { version } = await (await desk.request.get('/api/house')).json()
    const back = { limits: [], quiet: null, cost_per_day: 0, ...was, version }
    expect((await desk.request.put('/api/house', { headers: { 'X-Aisle': '1' }, data: back })).ok()).toBe(true)
    await desk.reload()
    await expect(desk.getByText('No limit of the house')).toBeVisible()
  })
})

async function choose(desk: Page, select: ReturnType<Page['getByRole']>, option: string) {
  await select.click()
  await desk.getByRole('option', { name: option }).click()
}

test.afterEach(() => {
  expect(scriptErrors, 'errors in the scripts of the pages').toEqual([])
})
