import { expect } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors } from './people'

/** A marketer tries a campaign before anybody gets it, and an administrator holds some shoppers out of everything. */
test('a campaign is tried on what happened, and shoppers are held out', async ({ browser, house }) => {
  test.slow() // every page of it is looked at by axe
  const desk = await openDesk(browser, house.url, '/console/')
  const panel = desk.getByRole('dialog', { name: /^Preflight/ })

  await test.step('what nobody could get has no past, and the page says so', async () => {
    await desk.goto('/console/campaigns/running-shoes')
    // The demonstration needs a moment until somebody has done something.
    await expect
      .poll(async () => ((await (await desk.request.get('/api/decisions?limit=10')).json()) as { decisions: unknown[] }).decisions.length, { timeout: 60_000 })
      .toBeGreaterThan(0)
    await desk.getByRole('button', { name: 'Another offer' }).click()
    const offers = desk.getByRole('textbox', { name: 'Title' })
    await offers.last().fill('A pair of socks with every pair of shoes')
    await desk.getByRole('button', { name: 'Preflight' }).click()
    await expect(panel.getByRole('heading', { name: 'The house’s own decisions cannot tell' })).toBeVisible()
    await expect(panel.getByText(/events and .* were read/)).toBeVisible()
    await expect(panel.getByRole('region', { name: 'Who would not get it, and by which rule' })).toBeVisible()
    await expectAccessible(desk)
    await panel.getByRole('button', { name: 'Close the preflight' }).click()
    await expect(desk.getByText('Not kept yet.')).toBeVisible() // the form is as it was
    await desk.getByRole('button', { name: 'Undo changes' }).click()
  })

  await test.step('who is held out of everything is compared with the others', async () => {
    await desk.goto('/console/experiments')
    const share = desk.getByRole('textbox', { name: 'Share of shoppers' })
    await share.fill('5')
    await desk.getByRole('button', { name: 'Keep' }).click()
    await expect(desk.getByText('5.0% of shoppers get no offer from now on.')).toBeVisible()
    await desk.getByRole('button', { name: 'Count again' }).click()
    const holdout = desk.getByRole('region', { name: /^The house’s holdout: / })
    await expect(holdout.getByText(/^Not yet: /)).toBeVisible()
    await expect(holdout.getByRole('row', { name: /^Held out 5.0%/ })).toBeVisible()
    await expectAccessible(desk)
    const now = await (await desk.request.get('/api/house')).json() // other journeys want offers for everybody
    expect((await desk.request.put('/api/house', { headers: { 'X-Aisle': '1' }, data: { ...now, holdout: 0 } })).ok()).toBe(true)
  })

  expect(scriptErrors).toEqual([])
})
