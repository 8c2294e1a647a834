import { expect } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors } from './people'

/** A segment is built, counted while it is, and a campaign is for it; a rule is written with what is offered at the caret. */
test('a segment is written, and a campaign is for it', async ({ browser, house }) => {
  test.setTimeout(300_000)
  const desk = await openDesk(browser, house.url, '/console/')
  const now = desk.getByRole('group', { name: 'Who matches now' })

  await test.step('it is written by keys, and counted meanwhile', async () => {
    const { segments } = await (await desk.request.get('/api/segments')).json() // those of other journeys
    for (const { segment } of segments) await desk.request.delete(`/api/segments/${segment.id}`, { headers: { 'X-Aisle': '1' } })
    await desk.goto('/console/segments')
    await expect(desk.getByText('No segment yet')).toBeVisible()
    await expectAccessible(desk)
    await desk.getByRole('link', { name: 'New segment' }).click()
    await expect(now).toContainText(/shoppers? match(es)? now.*of \d+ known, at/s)
    await desk.getByText('CEL', { exact: true }).first().click()
    const rule = desk.getByRole('textbox', { name: 'Who belongs to it?' })
    await rule.fill('teir == "gold"')
    await expect(desk.locator('.rule-wrong')).toHaveText('teir')
    await rule.fill('')
    await rule.pressSequentially('event.cat')
    await expect(desk.getByRole('option', { name: /^event\.category/ })).toBeVisible()
    await expectAccessible(desk)
    await rule.press('Enter')
    await rule.pressSequentially(' != "food')
    await expect(desk.getByRole('option', { name: /^footwear/ })).toHaveCount(0)
    await rule.press('Escape')
    await rule.fill('tier != "nobody"')
    await desk.getByRole('textbox', { name: 'Name' }).fill('Everybody but nobody')
    await desk.getByRole('button', { name: 'Keep the segment' }).click()
    await desk.waitForURL(/segments\/everybody-but-nobody/)
    await expect(desk.getByRole('heading', { level: 1, name: 'Everybody but nobody' })).toBeVisible()
    await expectAccessible(desk)
  })

  await test.step('a campaign is for it, and says how many may be reached', async () => {
    await desk.goto('/console/campaigns/running-shoes')
    await desk.getByRole('combobox', { name: 'Segments' }).click()
    await desk.getByRole('option', { name: 'Everybody but nobody' }).click()
    await desk.keyboard.press('Escape')
    await expect(now).toContainText('can be reached')
    await desk.getByRole('button', { name: 'Keep changes' }).click()
    await expect(desk.getByText('Everything is kept.')).toBeVisible()
    await expectAccessible(desk)
  })

  await test.step('it is not removed while a campaign is for it', async () => {
    await desk.goto('/console/segments/everybody-but-nobody')
    await expect(desk.getByRole('region', { name: 'About' }).getByRole('link')).toHaveCount(1)
    await expect(desk.getByRole('button', { name: 'Remove' })).toBeDisabled()
  })

  await test.step('a press shows before it is answered, and is taken back where it is refused', async () => {
    let refuse = () => {}
    const asked = new Promise<void>((resolve) => (refuse = resolve))
    await desk.route('**/api/campaigns/running-shoes/pause', async (route) => {
      await asked
      await route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify({ title: 'Conflict', status: 409, detail: 'somebody was faster' }) })
    })
    await desk.goto('/console/campaigns/running-shoes')
    const head = desk.getByRole('main')
    await head.getByRole('button', { name: 'Pause' }).click()
    await desk.getByRole('dialog').getByRole('button', { name: 'Pause it' }).click()
    await expect(head.getByText('Paused', { exact: true })).toBeVisible()
    refuse()
    await expect(desk.getByText('somebody was faster')).toBeVisible()
    await expect(head.getByText('Live', { exact: true })).toBeVisible()
  })

  await test.step('what is removed can be taken back', async () => {
    await desk.goto('/console/segments/new')
    await desk.getByText('CEL', { exact: true }).first().click()
    await desk.getByRole('textbox', { name: 'Who belongs to it?' }).fill('false')
    await desk.getByRole('textbox', { name: 'Name' }).fill('Nobody')
    await desk.getByRole('button', { name: 'Keep the segment' }).click()
    await desk.waitForURL(/segments\/nobody/)
    await expect(now).toContainText(/^0/)
    await desk.getByRole('button', { name: 'Remove' }).click()
    await desk.getByRole('dialog').getByRole('button', { name: 'Remove it' }).click()
    await desk.waitForURL(/segments$/)
    const listed = desk.getByRole('region', { name: 'List of segments' }).getByRole('link', { name: 'Nobody' })
    await expect(listed).toHaveCount(0)
    await desk.getByRole('button', { name: 'Undo', exact: true }).click()
    await expect(listed).toBeVisible()
  })
})

test.afterEach(() => {
  expect(scriptErrors, 'errors in the scripts of the pages').toEqual([])
})
