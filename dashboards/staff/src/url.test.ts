import { expect, test } from 'vitest'
import { searchOf, viewOf, type Change, type View } from './url'

test.each<[string, View]>([
  ['', {}],
  ['?shop=rtm&zone=shoes', { shop: 'rtm', zone: 'shoes' }],
  ['?shop=&weather=rain', {}],
])('%s is read', (search, want) => expect(viewOf(search)).toEqual(want))

test.each<{ name: string; view: View; change: Change; want: string }>([
  { name: 'a zone is selected', view: { shop: 'rtm' }, change: { zone: 'shoes' }, want: '?shop=rtm&zone=shoes' },
  { name: 'and no more', view: { shop: 'rtm', zone: 'shoes' }, change: { zone: undefined }, want: '?shop=rtm' },
  { name: 'another shop has other zones', view: { shop: 'rtm', zone: 'shoes', why: '1-2-0' }, change: { shop: 'utr' }, want: '?shop=utr' },
  { name: 'another shop, at the same time', view: { shop: 'rtm', who: 's1', replay: '2026-03-02T10:00:00Z' }, change: { shop: 'utr' }, want: '?shop=utr&replay=2026-03-02T10%3A00%3A00Z' },
  { name: 'nothing is left', view: { why: '1-2-0' }, change: { why: undefined }, want: '' },
])('$name', ({ view, change, want }) => expect(searchOf(view, change)).toBe(want))
