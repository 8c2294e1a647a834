import { expect, type Locator } from '@playwright/test'
import { readFile } from 'node:fs/promises'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors } from './people'

const shop = (id: string) => ({
  id,
  name: `Shop ${id}`,
  time_zone: 'Europe/Amsterdam',
  currency: 'EUR',
  quiet: { from_minute: 1260, until_minute: 480 },
  floors: [{ id: 'ground', name: 'Ground floor', width_m: 20, depth_m: 10 }],
  zones: [],
  receivers: [],
  cameras: [],
})

/** A plan from an empty floor to a file and back, by the hands of a marketer. */
test('a plan is drawn, kept, and goes to another shop with its picture', async ({ browser, house }) => {
  test.slow() // every page of it is looked at by axe
  const desk = await openDesk(browser, house.url, '/console/')
  const api = desk.context().request
  for (const id of ['hand-drawn', 'copied']) {
    expect((await api.put(`/api/shops/${id}`, { headers: { 'X-Aisle': '1' }, data: shop(id) })).ok()).toBe(true)
  }
  await desk.goto('/console/shops/hand-drawn')
  const plan = desk.getByRole('region', { name: 'Floor plan' })
  const side = desk.getByRole('region', { name: 'What is on the plan' })
  const keep = desk.getByRole('button', { name: 'Keep the plan' })
  const more = async (name: string) => {
    await desk.getByRole('button', { name: 'Add something else' }).click()
    await desk.getByRole('menuitem', { name, exact: true }).click()
    await expect(desk.getByRole('menu')).toHaveCount(0) // it lies over the plan
  }
  const kept = async () => {
    await keep.click()
    await expect(desk.getByText('Everything is kept.')).toBeVisible()
  }

  await test.step('a zone, corner by corner', async () => {
    await desk.getByRole('button', { name: 'Draw a zone' }).click()
    await press(plan, [0.2, 0.3], [0.4, 0.3], [0.4, 0.6], [0.2, 0.6])
    await expect(desk.getByText(/close the zone\.$/)).toBeVisible()
    await expectAccessible(desk)
    await press(plan, [0.2, 0.3])
    await side.getByRole('textbox', { name: 'Name' }).fill('Shoes')
    await side.getByRole('textbox', { name: 'Name' }).blur()
    await expect(plan.getByRole('button', { name: /^Zone Shoes/ })).toBeVisible()
  })

  await test.step('what is wrong is said, and cannot be kept', async () => {
    await desk.getByRole('button', { name: 'Draw a zone' }).click()
    await press(plan, [0.3, 0.4], [0.6, 0.4], [0.6, 0.7], [0.3, 0.7], [0.3, 0.4])
    await expect(side.getByText(/^Shoes and .* overlap; a person can be in one zone only/)).toBeVisible()
    await expect(keep).toBeDisabled()
    await expectAccessible(desk)
    await desk.keyboard.press('Control+z')
    await expect(side.getByText(/overlap/)).toHaveCount(0)
  })

  await test.step('a receiver, walls and a shelf', async () => {
    await desk.getByRole('button', { name: 'Receiver', exact: true }).click()
    await expect(side.getByRole('textbox', { name: /on MQTT$/ })).toHaveValue('receiver-shoes')

    await more('Walls, drawn')
    await press(plan, [0.05, 0.1], [0.95, 0.1], [0.95, 0.9], [0.5, 0.9], [0.5, 0.7], [0.05, 0.7], [0.05, 0.1])
    const walls = plan.getByRole('button', { name: /^Walls of Ground floor/ })
    await expect(walls).toHaveAttribute('aria-pressed', 'true')
    await expect(side.getByRole('row')).toHaveCount(1 + 6)
    const corner = plan.getByRole('button', { name: /^Corner 1 of Walls/ })
    const was = await corner.getAttribute('aria-label')
    await corner.focus()
    await desk.keyboard.press('ArrowRight')
    await expect(corner).not.toHaveAttribute('aria-label', was!)
    await side.getByRole('button', { name: 'Remove corner 5' }).click()
    await expect(side.getByRole('row')).toHaveCount(1 + 5)
    await expectAccessible(desk)

    await more('Fixture, a shelf')
    const shelf = plan.getByRole('button', { name: /^Shelf, 2 by 0\.6 metres/ })
    const before = (await shelf.boundingBox())!
    await desk.mouse.move(before.x + before.width / 2, before.y + before.height / 2)
    await desk.mouse.down()
    await desk.mouse.move(before.x + before.width / 2 + 120, before.y + before.height / 2 + 40, { steps: 4 })
    await desk.mouse.up()
    expect((await shelf.boundingBox())!.x).toBeGreaterThan(before.x + 90)
    await more('Fixture, a shelf')
    await side.getByRole('button', { name: 'Remove', exact: true }).click()
    await expect(plan.getByRole('button', { name: /^Shelf/ })).toHaveCount(1)
  })

  await test.step('a picture under the floor', async () => {
    await desk.getByRole('button', { name: 'Size, order and picture' }).click()
    const picture = side.getByRole('group', { name: 'Picture under the floor' })
    await picture.locator('input[type=file]').setInputFiles({ name: 'plan.png', mimeType: 'image/png', buffer: png })
    await expect(picture.getByText('How strong it is')).toBeVisible()
    await expectAccessible(desk)
  })

  await test.step('kept, it is there after the page is loaded anew', async () => {
    await kept()
    await desk.reload()
    for (const name of [/^Zone Shoes/, /^Receiver receiver-shoes/, /^Walls of/, /^Shelf/]) {
      await expect(plan.getByRole('button', { name }).first()).toBeVisible()
    }
    await expectAccessible(desk)
  })

  const file = await test.step('it goes out as one file', async () => {
    const coming = desk.waitForEvent('download')
    await desk.getByRole('link', { name: 'Export' }).click()
    const text = await readFile(await (await coming).path(), 'utf8')
    const { features, pictures } = JSON.parse(text)
    expect(features.map(({ properties }: { properties: { kind: string } }) => properties.kind).toSorted()).toEqual(['fixture', 'floor', 'receiver', 'zone'])
    expect(Object.values(pictures)).toEqual([`data:image/png;base64,${png.toString('base64')}`])
    return text
  })

  await test.step('and into another shop', async () => {
    await desk.goto('/console/shops/copied')
    const input = desk.getByRole('region', { name: 'Floor plan' }).locator('input[type=file]')
    await input.setInputFiles({ name: 'broken.geojson', mimeType: 'application/json', buffer: Buffer.from('{"type":"Feature"}') })
    await expect(desk.getByRole('dialog')).toContainText('want a FeatureCollection')
    await desk.getByRole('dialog').getByRole('button', { name: 'Close' }).click()
    // Devices are of one shop each.
    const moved = JSON.parse(file)
    moved.features = moved.features.filter(({ properties }: { properties: { kind: string } }) => properties.kind !== 'receiver')
    await input.setInputFiles({ name: 'plan.geojson', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(moved)) })
    await expect(desk.getByRole('dialog').getByRole('list', { name: 'Changes' })).toContainText('Shoes')
    await expectAccessible(desk)
    await desk.getByRole('button', { name: 'Take it into the editor' }).click()
    await kept()
    await desk.reload()
    await expect(plan.getByRole('button', { name: /^Zone Shoes/ })).toBeVisible()
    const [floor] = (await (await api.get('/api/shops/copied')).json()).floors
    expect(floor.outline).toHaveLength(5)
    expect(floor.image).toMatch(/^\/api\/shops\/copied\/pictures\//)
    expect(await (await api.get(floor.image)).body()).toEqual(png)
  })
})

test('survey and health are seen, and two fingers look closer', async ({ browser, house }) => {
  const desk = await openDesk(browser, house.url, '/console/')
  const { shops } = await (await desk.context().request.get('/api/shops')).json()
  const id = shops.find(({ canaries }: { canaries?: unknown[] }) => canaries?.length)?.id as string
  await desk.goto(`/console/shops/${id}?tab=survey`)
  await expect(desk.getByRole('region', { name: 'Where it was surveyed' })).toBeVisible()
  await expect(desk.getByRole('region', { name: 'Survey', exact: true })).toBeVisible()
  await expectAccessible(desk)
  await desk.goto(`/console/shops/${id}?tab=health`)
  await expect(desk.getByRole('region', { name: 'Health on the plan' })).toBeVisible()
  await expect(desk.getByText(/Located well|Measuring|Offers held back/).first()).toBeVisible({ timeout: 40_000 })
  await expectAccessible(desk)

  const tablet = await browser.newContext({ viewport: { width: 1180, height: 820 }, hasTouch: true, baseURL: house.url, storageState: await desk.context().storageState() })
  const page = await tablet.newPage()
  await page.goto(`/console/shops/${id}?tab=survey`)
  const ground = page.locator('.survey-plan svg[data-ground]')
  const { x, y, width, height } = (await ground.boundingBox())!
  const touch = await tablet.newCDPSession(page)
  const fingers = (type: string, ...at: [number, number][]) =>
    touch.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints: at.map(([dx, dy], id) => ({ x: x + width / 2 + dx, y: y + height / 2 + dy, id })) })
  const zoom = page.getByRole('button', { name: /% ?: show the whole floor$/ })
  await expect(zoom).toHaveAttribute('aria-label', /^100 %/)
  await fingers('touchStart', [-30, 0])
  await fingers('touchStart', [-30, 0], [30, 0])
  for (const apart of [40, 60, 80, 90]) await fingers('touchMove', [-apart, 0], [apart, 0])
  await fingers('touchEnd')
  await expect(zoom).toHaveAttribute('aria-label', /^(29|30|31)\d %/) // three times as far apart
  await fingers('touchStart', [-90, 0])
  await fingers('touchStart', [-90, 0], [90, 0])
  for (const apart of [60, 30, 20]) await fingers('touchMove', [-apart, 0], [apart, 0])
  await fingers('touchEnd')
  await expect(zoom).toHaveAttribute('aria-label', /^100 %/)

  // In the editor too, where there is something under the first finger.
  await page.goto(`/console/shops/${id}`)
  const zone = page.locator('.editor-plan .grip[data-kind=zone]').first()
  const [label, at] = [(await zone.getAttribute('aria-label'))!, (await zone.boundingBox())!]
  const on = (type: string, ...apart: number[]) =>
    touch.send('Input.dispatchTouchEvent', { type: type as 'touchStart', touchPoints: apart.map((dx, id) => ({ x: at.x + at.width / 2 + dx, y: at.y + at.height / 2, id })) })
  await on('touchStart', -8)
  await on('touchMove', -4)
  await on('touchStart', -4, 8)
  for (const apart of [12, 18]) await on('touchMove', -apart, apart)
  await on('touchEnd')
  await expect(zoom).toHaveAttribute('aria-label', /^(2[89]|3[0-2])\d %/)
  await expect(zone).toHaveAttribute('aria-label', label)
  await tablet.close()
})

/** Presses the plan at parts of its width and depth. */
async function press(plan: Locator, ...at: [number, number][]) {
  const { x, y, width, height } = (await plan.locator('svg[data-drawing]').boundingBox())!
  for (const [across, down] of at) await plan.page().mouse.click(x + across * width, y + down * height)
}

// Two by two pixels.
const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFklEQVR4nGP8z8DAwMDAxMDAwMDAAAANHQEDasKb6QAAAABJRU5ErkJggg==', 'base64')

test.afterEach(() => {
  expect(scriptErrors).toEqual([])
})
