import { expect } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors } from './people'

/** How a camera does, and where the floor is in its picture, by keyboard. */
test('a camera is looked at, and learns where the floor is', async ({ browser, house }) => {
  const desk = await openDesk(browser, house.url, '/console/')
  await desk.goto('/console/cameras')
  const door = desk.getByRole('row', { name: /cam-door/ })
  await expect(door.getByText('Live')).toBeVisible({ timeout: 60_000 })
  await expectAccessible(desk)
  await door.getByRole('link').first().click()

  await desk.getByRole('button', { name: 'Show what it sees now' }).click()
  await expect(desk.getByAltText('What the camera sees')).toBeVisible({ timeout: 30_000 })
  const show = async (...points: [left: number, top: number, x: number, y: number][]) => {
    for (const [i, [left, top, x, y]] of points.entries()) {
      const point = desk.getByRole('group', { name: String(i + 1), exact: true })
      for (const [label, value] of [['from left', left], ['from top', top], ['x', x], ['y', y]] as const) {
        await point.getByLabel(label, { exact: true }).fill(String(value))
      }
    }
    await desk.getByRole('button', { name: 'Keep the four points' }).click()
  }
  await show([10, 90, 1, 1], [90, 90, 5, 1], [70, 40, 5, 5], [30, 40, 1, 5])
  await expect(desk.getByText('they go round another way than in the picture')).toBeVisible()
  await show([10, 90, 1, 5], [90, 90, 5, 5], [70, 40, 5, 1], [30, 40, 1, 1])
  await expect(desk.getByText('people are shown where they stand')).toBeVisible()
  await expectAccessible(desk)
})

test.afterEach(() => {
  expect(scriptErrors, 'errors in the scripts of the pages').toEqual([])
})
