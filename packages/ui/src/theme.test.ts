import { expect, test } from 'vitest'
import { variables } from './theme'

test('mantine.css is what the theme says (npx vitest run -u writes it)', async () => {
  await expect(variables()).toMatchFileSnapshot('./mantine.css')
})
