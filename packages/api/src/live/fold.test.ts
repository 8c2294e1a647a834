import { describe, expect, test } from 'vitest'
import type { DecisionSummary, Delivery } from '../decisions'
import { fold, nothing, type Live } from './fold'

const decision: DecisionSummary = {
  id: '1-2-0', shopper: 's1', label: 'E3A2', time: '2026-03-02T10:00:00Z', trigger: 'zone_dwelled', verdict: 'offered', candidates: 2,
}
const used = { decision: '1-2-0', shopper: 's1', label: 'E3A2', at: '2026-03-02T10:05:00Z' }
const delivery = (channel: 'sms' | 'app', state: Delivery['state'], at: string): Delivery => ({
  id: `1-2-0-${channel}`, decision: '1-2-0', shopper: 's1', campaign: 'shoes', offer: 'twenty', title: '20% off', channel, state,
  received: '2026-03-02T10:00:00.000Z', at,
})
const after = (...told: [type: string, data: unknown][]): Live =>
  told.reduce((live, [type, data]) => fold(live, { id: '1', type, data: JSON.stringify(data) }), nothing)

describe('an offer', () => {
  const cases: { name: string; told: [string, unknown][]; want: Partial<DecisionSummary> }[] = [
    { name: 'is decided', told: [['decision', decision]], want: { verdict: 'offered' } },
    {
      name: 'is sent: the first channel to arrive says how fast',
      told: [
        ['decision', decision],
        ['delivery', delivery('app', 'sent', '2026-03-02T10:00:00.041Z')],
        ['delivery', delivery('sms', 'sent', '2026-03-02T10:00:00.200Z')],
      ],
      want: { state: 'sent', latency_ms: 41 },
    },
    {
      name: 'arrives by one channel although the other refused',
      told: [
        ['decision', decision],
        ['delivery', delivery('app', 'delivered', '2026-03-02T10:00:00.041Z')],
        ['delivery', delivery('sms', 'refused', '2026-03-02T10:00:00.050Z')],
      ],
      want: { state: 'delivered', latency_ms: 41 },
    },
    {
      name: 'may be told after its deliveries',
      told: [['delivery', delivery('app', 'claimed', '2026-03-02T10:00:00.030Z')], ['delivery', delivery('app', 'sent', '2026-03-02T10:00:00.041Z')], ['decision', decision]],
      want: { state: 'sent', latency_ms: 41 },
    },
    {
      name: 'is redeemed',
      told: [['decision', decision], ['redemption', used]],
      want: { redeemed: used.at },
    },
    {
      name: 'is redeemed after all',
      told: [['decision', decision], ['redemption', used], ['redemption_undone', used], ['redemption', { ...used, at: '2026-03-02T10:06:00Z' }]],
      want: { redeemed: '2026-03-02T10:06:00Z' },
    },
    {
      name: 'waits, and is refused',
      told: [
        ['delivery', delivery('sms', 'claimed', '2026-03-02T10:00:00.030Z')],
        ['delivery', delivery('sms', 'held', '2026-03-02T10:00:00.040Z')],
        ['decision', decision],
        ['delivery', delivery('sms', 'refused', '2026-03-02T12:00:00Z')],
      ],
      want: { state: 'refused' },
    },
    {
      name: 'waits by one channel although the other refused',
      told: [
        ['decision', decision],
        ['delivery', delivery('sms', 'held', '2026-03-02T10:00:00.040Z')],
        ['delivery', delivery('app', 'refused', '2026-03-02T10:00:00.050Z')],
      ],
      want: { state: 'held' },
    },
    { name: 'is told once however often it is sent', told: [['decision', decision], ['decision', decision]], want: {} },
  ]
  test.each(cases)('$name', ({ told, want }) => {
    const { decisions } = after(...told)
    expect(decisions).toHaveLength(1)
    expect(decisions[0]).toMatchObject(want)
  })
})

test('an offer that was redeemed by mistake holds', () => {
  const { decisions, redemptions } = after(['decision', decision], ['redemption', used], ['redemption_undone', used])
  expect(decisions).toEqual([decision])
  expect(redemptions).toEqual([])
})

test('what cannot be read changes nothing', () => {
  expect(fold(nothing, { id: '1', type: 'people', data: '{' })).toBe(nothing)
  expect(fold(nothing, { id: '1', type: 'weather', data: '{}' })).toBe(nothing)
})

test('the latest people win, and say when they were written', () => {
  const live = after(['people', { shop: 's', at: '2026-03-02T10:00:00Z', people: [{ key: 'a', x: 1, y: 2, sensor: 'camera', last: '2026-03-02T10:00:00Z' }] }])
  expect(live.people).toHaveLength(1)
  expect(live.written).toBe(Date.parse('2026-03-02T10:00:00Z'))
})
