import { expect, test } from 'vitest'
import { backTo } from './back'

test.each([
  [undefined, '/console/'],
  ['/console/decisions/3-1200-0', '/console/decisions/3-1200-0'],
  ['/staff/?why=3-1200-0', '/staff/?why=3-1200-0'],
  ['https://elsewhere.example/', '/console/'],
  ['//elsewhere.example/console/', '/console/'],
  ['/console/\\elsewhere.example', '/console/'],
  ['/console/sign-in?to=/console/sign-in', '/console/'],
  ['javascript:alert(1)', '/console/'],
])('%s goes to %s', (to, want) => expect(backTo(to)).toBe(want))
