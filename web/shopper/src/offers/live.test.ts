import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Offer } from '../api'
import { follow, type Link } from './live'

/** The browser's event stream, opened and spoken through by hand. */
class FakeEventSource extends EventTarget {
  static readonly CLOSED = 2
  static opened: FakeEventSource[] = []
  readyState = 0
  onopen?: () => void
  onerror?: () => void
  constructor(_url: string) {
    super()
    FakeEventSource.opened.push(this)
  }
  close() {
    this.readyState = FakeEventSource.CLOSED
  }
  says(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }))
  }
}

const newest = () => FakeEventSource.opened.at(-1)!
const page = Object.assign(new EventTarget(), { visibilityState: 'visible' })

function show(visibilityState: 'visible' | 'hidden') {
  page.visibilityState = visibilityState
  page.dispatchEvent(new Event('visibilitychange'))
}

function followed() {
  const links: Link[] = []
  const offers: Offer[] = []
  const stop = follow({
    me: () => {},
    offers: () => {},
    offer: (offer) => offers.push(offer),
    redeemed: () => {},
    consent: () => {},
    link: (link) => links.push(link),
    failed: () => {},
  })
  return { links, offers, stop }
}

beforeEach(() => {
  vi.useFakeTimers()
  FakeEventSource.opened = []
  page.visibilityState = 'visible'
  vi.stubGlobal('EventSource', FakeEventSource)
  vi.stubGlobal('document', page)
  vi.stubGlobal('fetch', async () => Response.json({ offers: [] }))
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('an offer that comes is told of, and the link is live', () => {
  const { links, offers, stop } = followed()
  newest().onopen?.()
  newest().says('offer', { decision: '3-17-0' })
  expect(offers).toEqual([{ decision: '3-17-0' }])
  expect(links.at(-1)).toBe('live')
  stop()
})

test('silence is taken for a lost link, which is opened anew', () => {
  const { links, stop } = followed()
  newest().onopen?.()
  vi.advanceTimersByTime(11_000)
  newest().says('heartbeat', {})
  vi.advanceTimersByTime(11_000)
  expect(FakeEventSource.opened).toHaveLength(1)
  vi.advanceTimersByTime(1_000)
  expect(FakeEventSource.opened).toHaveLength(2)
  expect(links.at(-1)).toBe('connecting')
  stop()
})

test('nothing is open while nobody looks', () => {
  const { stop } = followed()
  show('hidden')
  expect(newest().readyState).toBe(FakeEventSource.CLOSED)
  vi.advanceTimersByTime(60_000)
  expect(FakeEventSource.opened).toHaveLength(1)
  show('visible')
  expect(FakeEventSource.opened).toHaveLength(2)
  stop()
})

test('a refused stream is tried again after a while', () => {
  const { links, stop } = followed()
  newest().close()
  newest().onerror?.()
  expect(links.at(-1)).toBe('offline')
  vi.advanceTimersByTime(3_000)
  expect(FakeEventSource.opened).toHaveLength(2)
  stop()
})

test('once stopped it stays so', () => {
  const { stop } = followed()
  stop()
  show('visible')
  vi.advanceTimersByTime(60_000)
  expect(FakeEventSource.opened).toHaveLength(1)
})
