import { expect, test } from 'vitest'
import { markOf, projector, toldAt, type Told } from './tape'

const base = Date.UTC(2026, 2, 2, 10)
const told = (seconds: number, type: string, data: object): Told => toldAt({ id: `${(base + seconds * 1_000) * 1_000}`, type, data: JSON.stringify(data) })
const at = (seconds: number) => new Date(base + seconds * 1_000).toISOString()

const decision = (id: string, seconds: number, verdict = 'offered') => told(seconds, 'decision', { id, shopper: 's', label: 'S', time: at(seconds), trigger: 'zone_entered', verdict, candidates: 1 })
const people = (seconds: number, ...keys: string[]) => told(seconds, 'people', { shop: 'a', at: at(seconds), people: keys.map((key) => ({ key, x: 0, y: 0, sensor: 'camera', last: at(seconds) })), help: [] })

const tape = [
  told(0, 'snapshot', { shop: { id: 'a' }, people: { people: [] }, kpis: { at: at(0) }, decisions: [], deliveries: [], redemptions: [], sandbox: [] }),
  people(1, 'x'),
  decision('d1', 1.5),
  people(2, 'x', 'y'),
  decision('d2', 2.5, 'no_offer'),
  people(3, 'y'),
]
const seen = (live: ReturnType<ReturnType<typeof projector>>) => [live.people.map(({ key }) => key).join(''), live.decisions.map(({ id }) => id).join(' ')]

test.each([
  ['before anything', [-1], ['', '']],
  ['on the way', [1], ['x', '']],
  ['what happened between', [1.9], ['x', 'd1']],
  ['skipping what is out of date', [9], ['y', 'd2 d1']],
  ['going on', [1, 2, 2.6], ['xy', 'd2 d1']],
  ['going back', [9, 1.6], ['x', 'd1']],
])('%s', (_, seconds, want) => {
  const show = projector(tape)
  expect(seconds.map((second) => seen(show(base + second * 1_000))).at(-1)).toEqual(want)
})

test('what is told later is shown', () => {
  const growing = tape.slice(0, 2)
  const show = projector(growing)
  show(base + 9_000)
  growing.push(...tape.slice(2))
  expect(seen(show(base + 9_000))).toEqual(['y', 'd2 d1'])
})

test.each([
  ['an offer', decision('d', 1), 'offered'],
  ['no offer', decision('d', 1, 'no_offer'), 'no_offer'],
  ['a refusal', told(1, 'delivery', { state: 'refused' }), 'refused'],
  ['a message that was sent', told(1, 'delivery', { state: 'sent' }), undefined],
  ['a redemption', told(1, 'redemption', {}), 'redeemed'],
  ['people', people(1), undefined],
])('the mark of %s', (_, message, want) => expect(markOf(message)?.kind).toBe(want))
