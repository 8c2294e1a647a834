import { expect } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors } from './people'

/** From a record in quarantine to the event that it should have been, by the pages that a marketer has. */
test('what could not be read is mended and sent again', async ({ browser, house, request }) => {
  const desk = await openDesk(browser, house.url, '/console/')
  const { sources } = await (await desk.context().request.get('/api/sources')).json()
  const key = sources[0].key as string
  const send = (call: object) =>
    request.post('/v1/track', { headers: { Authorization: `Basic ${Buffer.from(`${key}:`).toString('base64')}` }, data: call })

  await test.step('a contract begins with what came, and holds', async () => {
    for (let i = 0; i < 3; i++) expect((await send(sale(`good-${i}`, { betrag: 10 + i, artikel: `shoe-${i}` }))).ok()).toBe(true)
    await desk.goto('/console/contracts/artikel_verkauft')
    const schema = desk.getByRole('textbox', { name: 'Schema of artikel_verkauft' })
    await expect(schema).toBeVisible()
    await schema.fill('{"type": "object", "properties": {"betrag": {"type": "nummer"}}}')
    await expect(desk.getByRole('button', { name: /^Line 1, column/ })).toBeVisible()
    await schema.fill('{"type": "object", "required": ["betrag"], "properties": {"betrag": {"type": "number"}}}')
    await expect(desk.getByText(/^All of the last \d+ events would pass/)).toBeVisible({ timeout: 20_000 })
    await expectAccessible(desk)
    await desk.getByRole('button', { name: 'Publish…' }).click()
    await desk.getByRole('dialog').getByRole('button', { name: 'Publish' }).click()
    await expect(desk.getByText('Version 1 holds', { exact: true })).toBeVisible()
  })

  await test.step('what does not fulfil it lies in quarantine', async () => {
    await expect(async () => {
      await send(sale(`bad-${Date.now()}`, { betrag: '12,50', artikel: 'shoe-1' }))
      const { total } = await (await desk.context().request.get('/api/quarantine?text=artikel_verkauft')).json()
      expect(total).toBeGreaterThan(0)
    }).toPass({ timeout: 20_000 })
    await desk.goto('/console/quarantine?text=artikel_verkauft')
    await expectAccessible(desk)
    await desk.getByRole('link', { name: /betrag is a text/ }).first().click()
    await expect(desk.getByRole('button', { name: /^Line \d+, column/ })).toBeVisible()
    await expectAccessible(desk)
  })

  await test.step('a step mends it, tried before it is kept', async () => {
    await desk.getByText('With other steps').click()
    await desk.getByRole('button', { name: 'Add the first step' }).click()
    await desk.getByRole('combobox', { name: 'Do', exact: true }).click()
    await desk.getByRole('option', { name: 'Change a field’s type' }).click()
    await desk.getByRole('combobox', { name: 'Field', exact: true }).fill('betrag')
    await desk.keyboard.press('Escape') // closes the names that are known
    await expect(desk.getByText('mended by the steps')).toBeVisible()
    await expectAccessible(desk)
    await desk.getByRole('button', { name: 'Keep these steps' }).click()
    await expect(desk.getByText(/are kept\. Now send the record again/)).toBeVisible()
  })

  await test.step('sent again, it becomes an event', async () => {
    const state = desk.getByRole('main').getByText('Became events', { exact: true }).first()
    await expect(async () => {
      const again = desk.getByRole('button', { name: 'Send again' }).first()
      if (await again.isEnabled({ timeout: 500 }).catch(() => false)) await again.click()
      await expect(state).toBeVisible({ timeout: 4_000 })
    }).toPass({ timeout: 30_000 })
  })
})

test('an unknown table is read, named and kept', async ({ browser, house }) => {
  const desk = await openDesk(browser, house.url, '/console/')
  await desk.goto('/console/feeds/new')
  const rows = Array.from({ length: 20 }, (_, i) => `${String(1 + i).padStart(2, '0')}.03.2026 10:15;c-${1000 + i};shoe-${i};${100 + i},95`)
  await desk.getByRole('textbox', { name: 'Or paste some lines' }).fill(['Datum;Kundennummer;Artikel;Betrag', ...rows].join('\n'))
  await desk.getByRole('button', { name: 'Read these lines' }).click()
  await expect(desk.getByText(/^A table with semicolons/)).toBeVisible()
  await desk.getByRole('combobox', { name: 'What each record is' }).fill('order_completed')
  await desk.getByRole('textbox', { name: 'Name of Artikel' }).fill('product_id')
  await expect(desk.getByRole('region', { name: 'What comes out of it' })).toContainText('20 events')
  await expect(desk.getByRole('region', { name: 'What comes out of it' })).toContainText('product_id')
  await expectAccessible(desk)
  await desk.getByRole('textbox', { name: 'Name of the feed' }).fill('till-orders')
  await desk.getByRole('button', { name: 'Keep under this name' }).click()
  await expect(desk.getByText(/aisle ingest -format feed:till-orders -to http/)).toBeVisible()
  await expectAccessible(desk)
})

const sale = (messageId: string, properties: object) => ({ messageId, userId: 'c-1042', event: 'Artikel Verkauft', properties })

test.afterEach(() => {
  expect(scriptErrors).toEqual([])
})
