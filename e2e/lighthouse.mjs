// Asks Lighthouse of each app, signed in as the demonstration's people: `make lighthouse`.
// It needs the program; the scores of one run on a busy machine say little of its speed.
import { chromium } from '@playwright/test'
import lighthouse from 'lighthouse'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const least = 95
const apps = [
  { name: 'shopper', page: '/shopper/', form: 'mobile' },
  { name: 'shopper-offers', page: '/shopper/#/offers', form: 'mobile', enter: holdPhone },
  { name: 'console', page: '/console/campaigns', form: 'desktop', enter: signIn },
  { name: 'staff', page: '/staff/', form: 'desktop' },
]

/** Until there is an offer to look at. */
async function holdPhone(page) {
  await page.getByRole('button', { name: 'Mia' }).click()
  await page.getByRole('list', { name: 'Offers', exact: true }).getByRole('listitem').first().waitFor({ timeout: 90_000 })
}

async function signIn(page, base) {
  await page.goto(`${base}/console/`)
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.waitForURL((url) => !url.pathname.endsWith('/sign-in'))
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

const data = await mkdtemp(path.join(tmpdir(), 'aisle-lighthouse-'))
const [http, vision, mqtt, debug] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
const config = path.join(data, 'aisle.yaml')
await writeFile(config, `vision: {listen: "127.0.0.1:${vision}"}\nbeacons: {mqtt: "127.0.0.1:${mqtt}"}\n`)
const base = process.env.AISLE_URL ?? `http://127.0.0.1:${http}`
const program =
  process.env.AISLE_URL === undefined &&
  spawn(process.env.AISLE ?? 'bin/aisle', ['-demo', `-config=${config}`, `-data=${path.join(data, 'data')}`, `-listen=127.0.0.1:${http}`], { cwd: root, stdio: 'ignore' })
// Lighthouse opens a tab of its own: in a profile on disk it is signed in as the one before was.
const browser = await chromium.launchPersistentContext(path.join(data, 'browser'), {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', `--remote-debugging-port=${debug}`],
})
let low = 0
try {
  for (let tries = 0; !(await fetch(`${base}/readyz`).catch(() => undefined))?.ok; tries++) {
    if (tries > 400) throw new Error('bin/aisle is not ready after 40 s')
    await new Promise((later) => setTimeout(later, 100))
  }
  // A demonstration that still enrols its people keeps both cores busy.
  for (let tries = 0; (await (await fetch(`${base}/api/demo/shoppers`)).json()).more; tries++) {
    if (tries > 90) throw new Error('the demonstration has not all of its shoppers after 90 s')
    await new Promise((later) => setTimeout(later, 1000))
  }
  const folder = path.join(root, '.cache/lighthouse')
  await mkdir(folder, { recursive: true })
  for (const app of apps) {
    if (app.enter) {
      const page = await browser.newPage()
      await page.goto(base + app.page)
      await app.enter(page, base)
      await page.close() // a tab that lies behind another paints nothing
    }
    const desktop = { formFactor: 'desktop', screenEmulation: { mobile: false, width: 1600, height: 900, deviceScaleFactor: 1, disabled: false }, throttling: { rttMs: 40, throughputKbps: 10_240, cpuSlowdownMultiplier: 1 } }
    const ask = () =>
      lighthouse(base + app.page, { port: debug, output: 'html', onlyCategories: ['performance', 'accessibility', 'best-practices'], ...(app.form === 'desktop' && desktop) })
    const { lhr, report } = await ask().catch((error) => {
      // It closes its tab before it judges, and a busy browser may refuse that.
      console.error(`${app.name} is asked once more: ${error.message}`)
      return ask()
    })
    await writeFile(path.join(folder, `${app.name}.html`), report)
    const scores = Object.values(lhr.categories).map(({ id, score }) => [id, Math.round((score ?? 0) * 100)])
    if (scores.some(([id, score]) => id !== 'best-practices' && score < least)) low++
    const times = ['first-contentful-paint', 'largest-contentful-paint', 'total-blocking-time', 'cumulative-layout-shift'].map((id) => `${lhr.audits[id]?.displayValue}`)
    console.log(app.name.padEnd(16), scores.map(([id, score]) => `${id} ${score}`).join('  '), ' ', times.join(' / '))
    const failed = Object.values(lhr.categories)
      .flatMap(({ auditRefs }) => auditRefs)
      .filter(({ id, weight }) => weight > 0 && (lhr.audits[id]?.score ?? 1) < 0.9)
    if (failed.length) console.log('  below 90:', failed.map(({ id }) => id).join(', '))
  }
} finally {
  // What was measured is printed: a browser that ends badly does not change it.
  await browser.close().catch((error) => console.error(`the browser did not close: ${error.message}`))
  if (program && program.exitCode === null) {
    program.kill('SIGTERM')
    await once(program, 'exit')
  }
  await rm(data, { recursive: true, force: true, maxRetries: 3 }).catch((error) => console.error(`${data} stays: ${error.message}`))
}
if (low) {
  console.error(`${low} below ${least} in performance or accessibility; the reports are in .cache/lighthouse`)
  process.exitCode = 1
}
