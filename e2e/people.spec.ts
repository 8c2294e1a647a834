import { expect, type Page } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors } from './people'

/** Somebody whom no other journey knows, and what she did: more than a page of a timeline holds. */
const ottilie = { customer: 'c-77104', name: 'Ottilie Brandström', phone: '+447700900871', did: 60 }

const people = (desk: Page) => desk.getByRole('region', { name: 'List of people' })
const timeline = (desk: Page) => desk.getByRole('region', { name: 'Timeline' })
const lines = (desk: Page) => timeline(desk).locator('.timeline > li')

/** A shopper is found by whatever the counter is told, and what happened to them is read back to its beginning. */
test('a shopper is found, and their past is read', async ({ browser, house, request }) => {
  test.slow() // every page of it is looked at by axe
  const desk = await openDesk(browser, house.url, '/console/')
  const { sources } = await (await desk.request.get('/api/sources')).json()
  const batch = [
    { type: 'identify', messageId: 'ottilie', userId: ottilie.customer, traits: { name: ottilie.name, phone: ottilie.phone, tier: 'silver' }, context: { consent: { categoryPreferences: { search: true } } } },
    ...Array.from({ length: ottilie.did }, (_, i) => ({ type: 'track', messageId: `ottilie-${i}`, userId: ottilie.customer, event: 'Catalogue Ordered', properties: { catalogue: `no-${i}` } })),
  ]
  const sent = await request.post('/v1/batch', { headers: { Authorization: `Basic ${Buffer.from(`${sources[0].key}:`).toString('base64')}` }, data: { batch } })
  expect(sent.ok(), await sent.text()).toBe(true)

  const words = desk.getByRole('textbox', { name: 'Find a shopper' })
  const found = people(desk).getByRole('link', { name: ottilie.name })
  const label = await test.step('by name, number and phone as people write it, and by what screens call them', async () => {
    await desk.goto('/console/people')
    await expect(found).toBeVisible({ timeout: 30_000 })
    for (const said of ['brandstrom', ottilie.customer, 'c-771', '+44 7700 900 871', '0044 7700 9008', 'ottilie  brand']) {
      await words.fill(said)
      await expect(people(desk).getByRole('row')).toHaveCount(2) // the head is one
      await expect(found).toBeVisible()
    }
    const called = (await people(desk).getByRole('row').last().getByText(/^\w{4} · silver$/).textContent())!.slice(0, 4)
    await words.fill(called.toLowerCase())
    await expect(found).toBeVisible()
    await expectAccessible(desk)
    return called
  })

  await test.step('whom nobody knows is not found, and the page says what to try', async () => {
    await words.fill('nobody is called this')
    await expect(people(desk).getByRole('heading', { name: 'Nobody matches' })).toBeVisible()
    await expectAccessible(desk)
    await desk.reload() // what is looked for is in the address
    await expect(words).toHaveValue('nobody is called this')
    await people(desk).getByRole('button', { name: 'Show everybody' }).click()
    await expect(found).toBeVisible()
    await expect(words).toHaveValue('')
  })

  await test.step('her past is read on, kind by kind, and from now again', async () => {
    await words.fill(label)
    await found.click()
    await expect(desk.getByRole('heading', { level: 1, name: ottilie.name })).toBeVisible()
    await expect(lines(desk)).toHaveCount(50)
    await expect(timeline(desk).getByRole('status')).toHaveText(/^Looked back to /)
    await expectAccessible(desk)
    const further = timeline(desk).getByRole('button', { name: 'Look further back' })
    await expect(async () => {
      if (await further.isVisible()) await further.click({ timeout: 2_000 })
      await expect(timeline(desk).getByText('That is all that the log has.')).toBeVisible({ timeout: 1_000 })
    }).toPass({ timeout: 30_000 })
    await expect(lines(desk).filter({ hasText: 'Catalogue ordered' })).toHaveCount(ottilie.did)
    const kind = (name: string) => timeline(desk).getByRole('radiogroup', { name: 'What is shown of the timeline' }).getByText(name, { exact: true }).click()
    await kind('Consents, identity')
    await expect(lines(desk).filter({ hasText: /^.*Agreed to: / })).toHaveCount(1)
    await expect(lines(desk).filter({ hasText: 'Catalogue ordered' })).toHaveCount(0)
    await kind('Messages')
    await expect(timeline(desk).getByText('Nothing was sent to them, or refused.')).toBeVisible()
    await kind('All')
    await timeline(desk).getByRole('button', { name: 'Back to now' }).click()
    await expect(lines(desk)).toHaveCount(50)
  })

  await test.step('a decision in a past leads to why', async () => {
    await desk.goto('/console/people?q=Mia')
    await people(desk).getByRole('link', { name: 'Mia', exact: true }).click()
    await timeline(desk).getByText('Decisions', { exact: true }).click()
    await lines(desk).getByRole('link').first().click({ timeout: 90_000 }) // the demonstration needs a moment
    await desk.waitForURL(/\/console\/decisions\//)
    await expect(desk.getByRole('heading', { level: 1, name: /^Why / })).toBeVisible()
    await expectAccessible(desk)
  })
})

test.afterEach(() => {
  expect(scriptErrors, 'errors in the scripts of the pages').toEqual([])
})
