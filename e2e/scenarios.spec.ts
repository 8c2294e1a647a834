import { expect } from '@playwright/test'
import { test } from './house'
import { expectAccessible, openDesk, scriptErrors } from './people'

/** From a template to a live scenario that is tried before, by the pages that a marketer has. */
test('a scenario is made of a template, mended, tried and sent live', async ({ browser, house }) => {
  const desk = await openDesk(browser, house.url, '/console/')

  await test.step('a template asks, and says what cannot be', async () => {
    await desk.goto('/console/scenarios/new')
    await expect(desk.getByRole('link', { name: /^Looks for it again/ })).toBeVisible()
    await expectAccessible(desk)
    await desk.getByRole('link', { name: /^Looks for it again/ }).click()
    await desk.getByLabel('Searches').fill('many')
    await desk.getByRole('button', { name: 'Make the steps' }).click()
    await expect(desk.getByText('is a number from 1 to 20')).toBeVisible()
    await desk.getByLabel('Searches').fill('3')
    await desk.getByRole('button', { name: 'Make the steps' }).click()
  })

  await test.step('a step is added, and each mistake is told at its field', async () => {
    await desk.getByText('List', { exact: true }).click()
    await desk.getByRole('button', { name: 'Then something must not happen' }).click()
    await desk.getByRole('button', { name: 'Keep as a draft' }).click()
    await expect(desk.getByText('Choose what happens')).toBeVisible()
    await desk.keyboard.press('Escape') // closes the list that opened with the focus
    await expectAccessible(desk)
    await desk.getByPlaceholder('Any of these events').click()
    await desk.getByRole('option', { name: 'Bought something' }).click()
    await desk.keyboard.press('Escape') // closes the list
    await desk.getByLabel('For', { exact: true }).fill('30 min')
    await desk.getByRole('button', { name: 'Keep as a draft' }).click()
    await desk.waitForURL(/tab=try/)
  })

  await test.step('it is tried by the same code', async () => {
    await desk.getByRole('button', { name: 'Run these events' }).click()
    await expect(desk.getByText(/^Completed: Looks for it again/)).toBeVisible()
    await expectAccessible(desk)
  })

  await test.step('it goes live, and what would turn it round is refused', async () => {
    await desk.getByRole('button', { name: 'Send live' }).click()
    await desk.getByRole('button', { name: 'Send it live' }).click()
    await expect(desk.getByRole('button', { name: 'Pause' })).toBeVisible()
    await desk.getByRole('tab', { name: 'Steps' }).click()
    await desk.getByRole('button', { name: 'Move step 2 up' }).click()
    await desk.getByRole('button', { name: 'Keep changes' }).click()
    await expect(desk.getByText('A scenario begins with something that happens')).toBeVisible()
    await desk.getByRole('button', { name: 'Undo changes' }).click()
    await desk.getByRole('tab', { name: 'History' }).click()
    await expect(desk.getByText('Version 2')).toBeVisible()
  })
})

/** The flow and the list are two looks at one draft: what is done in one stands in the other. */
test('a scenario is written on the canvas, by mouse and by keys', async ({ browser, house }) => {
  const desk = await openDesk(browser, house.url, '/console/')
  const cards = desk.locator('.step-card:not([data-end])')
  const panel = desk.getByRole('group', { name: /^Step \d+$/ })

  await test.step('steps are added, each with its kind', async () => {
    await desk.goto('/console/scenarios/new?template=blank')
    await desk.getByRole('button', { name: 'Begin with a step' }).click()
    await desk.getByRole('menuitem', { name: /^They linger in a zone/ }).click()
    await expect(cards).toHaveCount(1)
    await expect(desk.getByRole('button', { name: /^Step 1: / })).toBeFocused()
    await desk.getByRole('button', { name: 'Add a step' }).click()
    await desk.getByRole('menuitem', { name: /^Something happens/ }).click()
    await expect(cards).toHaveCount(2)
    await desk.getByRole('button', { name: 'Put a step between 1 and 2' }).click()
    await expect(cards).toHaveCount(3)
    await expectAccessible(desk)
  })

  await test.step('what the chosen step says is written beside it, and stands on its card', async () => {
    await panel.getByLabel('Called').fill('Comes back')
    await expect(desk.getByRole('button', { name: 'Step 2: Comes back' })).toBeVisible()
    await desk.getByRole('button', { name: 'Step 3: Choose what happens' }).click()
    await panel.getByLabel('Called').fill('Looks at the price')
  })

  await test.step('keys move and remove a step, and take that back', async () => {
    await desk.getByRole('button', { name: 'Step 3: Looks at the price' }).focus()
    await desk.keyboard.press('Alt+ArrowLeft')
    await expect(desk.getByRole('button', { name: 'Step 2: Looks at the price' })).toBeFocused()
    await desk.keyboard.press('Delete')
    await expect(cards).toHaveCount(2)
    await expect(desk.getByRole('button', { name: 'Step 2: Comes back' })).toBeFocused()
    await desk.getByRole('button', { name: 'Undo', exact: true }).click()
    await expect(cards).toHaveCount(3)
    await desk.getByRole('button', { name: 'Redo', exact: true }).click()
    await expect(cards).toHaveCount(2)
  })

  await test.step('the list is another look at the same', async () => {
    await desk.getByText('List', { exact: true }).click()
    await expect(desk.getByRole('listitem', { name: 'Step 2: Comes back' })).toBeVisible()
    await desk.getByText('Flow', { exact: true }).click()
    await expect(desk.getByRole('button', { name: 'Step 2: Comes back' })).toBeVisible()
  })

  await test.step('a mistake opens its step', async () => {
    await desk.getByRole('textbox', { name: 'Name' }).fill('Lingers, and comes back')
    await desk.getByRole('button', { name: 'Keep as a draft' }).click()
    await expect(desk.getByRole('button', { name: 'Step 2: Comes back, needs a look' })).toHaveAttribute('aria-pressed', 'true')
    await expect(panel.getByText('Choose what happens')).toBeVisible()
  })
})

test('shoppers go through a live scenario, and its campaign speaks to them', async ({ browser, house }) => {
  test.setTimeout(180_000)
  const desk = await openDesk(browser, house.url, '/console/')
  await desk.goto('/console/scenarios/lingers-undecided')
  await expect(desk.getByText(/^[1-9]\d* completed it$/)).toBeVisible({ timeout: 120_000 })
  await expectAccessible(desk)
  await desk.getByRole('tab', { name: 'Steps' }).click()
  await expect(desk.locator('.step-card').last()).toContainText(/[1-9]\d* completed it/)
  await expectAccessible(desk)
  await desk.getByRole('tab', { name: 'Now' }).click()
  await desk.getByRole('link', { name: 'Can we help?' }).click()
  await desk.getByRole('link', { name: 'Its decisions' }).click()
  await expect(desk.getByText('Ask us, and take 5% off').first()).toBeVisible({ timeout: 60_000 })
})

test.afterEach(() => {
  expect(scriptErrors, 'errors in the scripts of the pages').toEqual([])
})
