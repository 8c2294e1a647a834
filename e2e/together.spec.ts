import { expect, type Page } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors, signIn } from './people'

const header = { 'X-Aisle': '1' }
const second = { email: 'ines@shop.example', password: 'a second pair of eyes' }

const draft = {
  id: 'written-by-two',
  name: 'Written by two',
  trigger: { event: 'zone_dwelled' },
  schedule: {},
  cap: { times: 0, per_ns: 0 },
  cooldown_ns: 0,
  channels: ['app'],
  offers: [{ id: 'tenth', title: 'A tenth off', body: '', sms: '', value: { minor: 0, currency: 'EUR' }, discount: 0.1, valid_ns: 7_200e9 }],
}

/** Holds calls back until they are let go: refused, or as the house answers them. */
async function held(page: Page, method: string, door: string) {
  let go: (refuse: boolean) => void = () => {}
  const asked = new Promise<boolean>((resolve) => (go = resolve))
  await page.route(door, async (route) => {
    if (route.request().method() !== method) return route.fallback()
    if (!(await asked)) return route.fallback()
    return route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Conflict', status: 409, detail: 'somebody was faster' }) })
  })
  return go
}

/** Two people write, look at and remove one campaign; what either does shows at once, and nothing of theirs is lost. */
test('two people are at one campaign', async ({ browser, house }) => {
  test.setTimeout(360_000)
  const desk = await openDesk(browser, house.url, '/console/')
  await desk.request.post('/api/team', { headers: header, data: { ...second, name: 'Ines', role: 'approver' } })
  await desk.request.post('/api/campaigns', { headers: header, data: draft })
  const other = await signIn(browser, house.url, '/console/', second)
  const name = (page: Page) => page.getByRole('textbox', { name: 'Name' })
  const keep = (page: Page) => page.getByRole('button', { name: 'Keep changes' })
  const head = desk.getByRole('main')

  await test.step('what both write is not lost', async () => {
    await desk.goto('/console/campaigns/written-by-two')
    await name(desk).fill('Mine')
    await other.goto('/console/campaigns/written-by-two')
    await name(other).fill('Theirs')
    await keep(other).click()
    await expect(other.getByText('Everything is kept.')).toBeVisible()
    await keep(desk).click()
    const told = desk.getByRole('alert').filter({ hasText: 'Somebody else changed this meanwhile.' })
    await expect(told).toContainText('Written by two → Theirs')
    await expect(name(desk)).toHaveValue('Mine')
    await expectAccessible(desk)
    await told.getByRole('button', { name: 'Go on with mine' }).click()
    await expect(told).toHaveCount(0)
    await keep(desk).click()
    await expect(desk.getByText('Everything is kept.')).toBeVisible()
    await expect(desk.getByRole('heading', { level: 1, name: 'Mine' })).toBeVisible()
  })

  await test.step('theirs is begun with', async () => {
    await other.goto('/console/campaigns/written-by-two')
    await name(other).fill('Theirs again')
    await desk.request.put('/api/campaigns/written-by-two', { headers: header, data: { ...draft, version: 3, name: 'Newest' } })
    await keep(other).click()
    await other.getByRole('button', { name: 'Begin with theirs' }).click()
    await expect(name(other)).toHaveValue('Newest')
    await expect(keep(other)).toBeDisabled()
  })

  await test.step('what is asked, declined and approved shows before it is answered', async () => {
    const settings = await (await desk.request.get('/api/house')).json()
    await desk.request.put('/api/house', { headers: header, data: { ...settings, approvals: true } })
    await desk.request.put('/api/campaigns/written-by-two', { headers: header, data: { ...draft, version: 4, name: 'To be approved' } })
    await desk.goto('/console/campaigns/written-by-two')
    const answer = await held(desk, 'POST', '**/api/campaigns/written-by-two/ask')
    await desk.getByRole('button', { name: 'Ask for approval' }).click()
    await expect(desk.getByRole('heading', { name: 'Waits for a second person' })).toBeVisible()
    answer(true)
    await expect(desk.getByText('somebody was faster')).toBeVisible()
    await expect(desk.getByRole('button', { name: 'Ask for approval' })).toBeVisible()
    await desk.unroute('**/api/campaigns/written-by-two/ask')
    await desk.getByRole('button', { name: 'Ask for approval' }).click()
    await expect(desk.getByRole('heading', { name: 'Waits for a second person' })).toBeVisible()

    // Both wrote a part of it, so neither may look at it.
    await desk.request.post('/api/team', { headers: header, data: { name: 'Omar', email: 'omar@shop.example', password: second.password, role: 'approver' } })
    const third = await signIn(browser, house.url, '/console/', { email: 'omar@shop.example', password: second.password })
    await third.goto('/console/campaigns/written-by-two')
    await third.getByLabel('What has to be changed').fill('Say until when')
    const declining = await held(third, 'POST', '**/api/campaigns/written-by-two/decline')
    await third.getByRole('button', { name: 'Decline' }).click()
    await expect(third.getByText('Omar said: “Say until when”')).toBeVisible()
    declining(false)
    await expect(third.getByLabel('What has to be changed')).toHaveValue('')
    const approving = await held(third, 'POST', '**/api/campaigns/written-by-two/approve')
    const state = third.getByRole('main')
    await third.getByRole('button', { name: 'Approve and send live' }).click()
    await expect(state.getByText('Live', { exact: true })).toBeVisible()
    approving(true)
    await expect(third.getByText('somebody was faster')).toBeVisible()
    await expect(state.getByText('Draft', { exact: true })).toBeVisible()
    const now = await (await desk.request.get('/api/house')).json()
    await desk.request.put('/api/house', { headers: header, data: { ...now, approvals: false } })
  })

  await test.step('what is removed is gone at once, there again where it is refused, and brought back', async () => {
    const listed = desk.getByRole('region', { name: 'List of campaigns' }).getByRole('link', { name: 'To be approved' })
    const remove = async () => {
      await head.getByRole('button', { name: 'More', exact: true }).click()
      await desk.getByRole('menuitem', { name: 'Remove' }).click()
      await desk.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click()
      await desk.waitForURL(/\/campaigns$/)
    }
    await desk.goto('/console/campaigns/written-by-two')
    const answer = await held(desk, 'DELETE', '**/api/campaigns/written-by-two')
    await remove()
    await expect(desk.getByRole('region', { name: 'List of campaigns' })).toBeVisible()
    await expect(listed).toHaveCount(0)
    answer(true)
    await expect(desk.getByText('somebody was faster')).toBeVisible()
    await expect(listed).toBeVisible()
    await desk.unroute('**/api/campaigns/written-by-two')
    await listed.click()
    await remove()
    await desk.getByRole('button', { name: 'Undo', exact: true }).click()
    await expect(listed).toBeVisible()
    await expect(desk.getByText('“To be approved” is back.')).toBeVisible()
    const { versions } = await (await desk.request.get('/api/campaigns/written-by-two/history')).json()
    expect(versions.length).toBe(6)
    await desk.request.delete('/api/campaigns/written-by-two', { headers: header })
  })
})

/** Who only reads is offered nothing to write, wherever an address leads. */
test('a reader writes nothing', async ({ browser, house }) => {
  const desk = await openDesk(browser, house.url, '/console/')
  const reader = { email: 'rita@shop.example', password: 'reading is enough' }
  await desk.request.post('/api/team', { headers: header, data: { ...reader, name: 'Rita', role: 'viewer' } })
  const page = await signIn(browser, house.url, '/console/', reader)
  for (const kind of ['campaigns', 'scenarios', 'segments']) {
    await page.goto(`/console/${kind}/new?template=blank`)
    await expect(page.getByText('You may read this, not write it')).toBeVisible()
    await expect(page.getByRole('main').getByRole('textbox')).toHaveCount(0)
  }
  await page.keyboard.press('Control+k')
  await page.getByRole('dialog').getByRole('textbox').fill('new campaign')
  await expect(page.getByText(/^Nothing of that name/)).toBeVisible()
})

test.afterEach(() => {
  expect(scriptErrors, 'errors in the scripts of the pages').toEqual([])
})
