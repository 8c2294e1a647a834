import { test as base } from '@playwright/test'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** The program itself, with a demonstration shop in it. */
export interface House {
  /** Where its pages are. */
  url: string
  /** With which tills and sensors sign in. */
  edgeKey: string
  /** Milliseconds since 1970 at which it was started, and at which it was ready. */
  started: number
  ready: number
}

const root = path.resolve(import.meta.dirname, '..')
const log = path.join(root, 'test-results', 'aisle.log')

/** Tests that use `house` share one, started at the first. */
export const test = base.extend<object, { house: House }>({
  house: [
    // oxlint-disable-next-line no-empty-pattern -- Playwright reads what a fixture needs from this
    async ({}, use) => {
      const data = await mkdtemp(path.join(tmpdir(), 'aisle-e2e-'))
      const [http, vision, mqtt] = await Promise.all([freePort(), freePort(), freePort()])
      const edgeKey = 'e2e0'.repeat(16)
      const config = path.join(data, 'aisle.yaml')
      await writeFile(
        config,
        [
          `secrets: {edge: ${edgeKey}}`,
          `vision: {listen: "127.0.0.1:${vision}"}`,
          `beacons: {mqtt: "127.0.0.1:${mqtt}"}`,
        ].join('\n'),
      )
      const started = Date.now()
      const listen = `127.0.0.1:${http}`
      const program = spawn(process.env.AISLE ?? 'bin/aisle', ['-demo', `-config=${config}`, `-data=${path.join(data, 'data')}`, `-listen=${listen}`], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      const lines = createWriteStream(log, { flags: 'w' })
      program.stdout.pipe(lines)
      program.stderr.pipe(lines)
      try {
        const url = `http://${listen}`
        await untilReady(url, program)
        await use({ url, edgeKey, started, ready: Date.now() })
      } finally {
        await stop(program)
        await rm(data, { recursive: true, force: true })
      }
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  baseURL: async ({ house }, use) => use(house.url),
})

async function untilReady(url: string, program: ChildProcess) {
  for (let tries = 0; tries < 400; tries++) {
    if (program.exitCode !== null) throw new Error(`bin/aisle ended with ${program.exitCode}; see ${log}`)
    const answer = await fetch(`${url}/readyz`).catch(() => undefined)
    if (answer?.ok) return
    await new Promise((later) => setTimeout(later, 100))
  }
  throw new Error(`bin/aisle is not ready after 40 s; see ${log}`)
}

async function stop(program: ChildProcess) {
  if (program.exitCode !== null || program.signalCode !== null) return
  const ended = once(program, 'exit')
  program.kill('SIGTERM')
  const tooLong = setTimeout(() => program.kill('SIGKILL'), 20_000)
  await ended
  clearTimeout(tooLong)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (!address || typeof address === 'string') throw new Error('no free port')
  return address.port
}
