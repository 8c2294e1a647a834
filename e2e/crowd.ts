import { expect } from '@playwright/test'
import { test } from './house'
import { openDesk } from './people'

/**
 * How many frames a second the staff's plan draws while 500 people walk in a shop, on a machine without a graphics
 * card, and what that costs: CPU time of the page's main thread, which others who use the machine do not change. The
 * people come in by the door for sensors, twice a second. Run by itself: `npm run crowd --workspace e2e`.
 */
const people = 500
const seconds = 10

test('500 people walk', async ({ browser, house, request }) => {
  test.setTimeout(180_000)
  const staff = await openDesk(browser, house.url, '/staff/')
  const { shop } = await (await staff.context().request.get('/api/live/snapshot')).json()
  const { width_m: width, depth_m: depth, id: floor } = shop.floors[0]
  let walking = true
  const walk = async () => {
    for (let step = 0; walking; step++) {
      const at = new Date().toISOString()
      const sightings = Array.from({ length: people }, (_, i) => {
        const angle = i * 2.4 + step * 0.15
        return {
          track: `crowd-${i}`, sensor: 'camera', device: shop.cameras[0].id, shop: shop.id, floor, confidence: 0.9, first: at, last: at,
          at: { x: width * (0.5 + 0.42 * Math.cos(angle) * Math.sin(i)), y: depth * (0.5 + 0.42 * Math.sin(angle) * Math.cos(i * 0.7)) },
        }
      })
      for (let from = 0; from < people; from += 100) {
        const sent = await request.post('/v1/sightings', { headers: { Authorization: `Bearer ${house.edgeKey}` }, data: { sightings: sightings.slice(from, from + 100) } })
        expect(sent.ok(), await sent.text()).toBe(true)
      }
      await new Promise((later) => setTimeout(later, 500))
    }
  }
  const walked = walk()
  await expect.poll(async () => (await (await staff.context().request.get('/api/live/snapshot')).json()).kpis.in_shop, { timeout: 60_000 }).toBeGreaterThanOrEqual(people)
  const inspector = await staff.context().newCDPSession(staff)
  await inspector.send('Performance.enable', { timeDomain: 'threadTicks' })
  const busy = async () => {
    const { metrics } = await inspector.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1_000
  }
  const before = await busy()
  const drawn = await staff.evaluate(
    (seconds) =>
      new Promise<{ frames: number; fps: number; slowest: number }>((done) => {
        const began = performance.now()
        let frames = 0
        let last = began
        let slowest = 0
        const frame = (now: number) => {
          frames++
          slowest = Math.max(slowest, now - last)
          last = now
          if (now - began < seconds * 1_000) requestAnimationFrame(frame)
          else done({ frames, fps: (frames * 1_000) / (now - began), slowest })
        }
        requestAnimationFrame(frame)
      }),
    seconds,
  )
  const cost = (await busy()) - before
  console.log(`${people} people: ${drawn.fps.toFixed(1)} frames a second over ${seconds} s, the slowest frame ${drawn.slowest.toFixed(0)} ms; ${(cost / drawn.frames).toFixed(1)} ms of CPU a frame, ${(cost / seconds).toFixed(0)} ms a second`)
  walking = false
  await walked
})
