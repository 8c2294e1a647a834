import { Problem, problemOf } from '../client'
import { reader, type Message } from './parse'

export type Link = 'connecting' | 'live' | 'lost'

export interface Listener {
  message(message: Message): void
  link(link: Link, problem?: Problem): void
}

type Note = { kind: 'message'; message: Message } | { kind: 'link'; link: Link; status?: number; words?: string }

/** The server says something each 5 s; a line that is quiet for longer is dead. */
const silence = 15_000
const first = 500
const longest = 10_000

/**
 * Follows a server-sent stream until `signal` ends. A browser opens six connections to a server at most, so of all tabs
 * that follow the same address one holds the connection and tells the others; when it closes, another goes on after
 * the last message that it heard.
 */
export function follow(url: string, listener: Listener, signal: AbortSignal): void {
  let last = ''
  const hear = (message: Message) => {
    if (message.id) last = message.id
    listener.message(message)
  }

  // Both exist only where the page came by HTTPS or from localhost; elsewhere each tab has its own connection.
  if (!('locks' in navigator) || !('BroadcastChannel' in window)) {
    void connect(url, () => last, { ...listener, message: hear }, signal)
    return
  }

  const channel = new BroadcastChannel(`aisle ${url}`)
  channel.addEventListener('message', ({ data }: MessageEvent<Note>) => {
    if (data.kind === 'message') hear(data.message)
    else listener.link(data.link, data.words === undefined ? undefined : new Problem(data.status ?? 0, data.words))
  })
  signal.addEventListener('abort', () => channel.close(), { once: true })
  const tell = (note: Note) => {
    if (!signal.aborted) channel.postMessage(note)
  }

  const lead = () =>
    connect(
      url,
      () => last,
      {
        message(message) {
          hear(message)
          tell({ kind: 'message', message })
        },
        link(link, problem) {
          listener.link(link, problem)
          tell({ kind: 'link', link, ...(problem && { status: problem.status, words: problem.message }) })
        },
      },
      signal,
    )
  navigator.locks.request(`aisle ${url}`, { signal }, lead).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}

/** Connects, and connects again after `last`, until the signal ends or the server says that there is no use. */
async function connect(url: string, last: () => string, listener: Listener, signal: AbortSignal): Promise<void> {
  let wait = first
  while (!signal.aborted) {
    try {
      await read(url, last(), signal, {
        message: listener.message,
        link(link) {
          wait = first
          listener.link(link)
        },
      })
      if (!signal.aborted) listener.link('lost')
    } catch (error) {
      if (signal.aborted) return
      const problem = error instanceof Problem ? error : new Problem(0, 'The server does not answer.')
      listener.link('lost', problem)
      if ([400, 401, 403, 404].includes(problem.status)) return
    }
    await sleep(wait * (0.5 + Math.random() / 2), signal)
    wait = Math.min(longest, wait * 2)
  }
}

async function read(url: string, last: string, signal: AbortSignal, listener: Listener): Promise<void> {
  const deaf = new AbortController()
  let timer = setTimeout(() => deaf.abort(), silence)
  try {
    const headers: Record<string, string> = { Accept: 'text/event-stream', 'X-Aisle': '1' }
    if (last) headers['Last-Event-ID'] = last
    const response = await fetch(url, { headers, cache: 'no-store', signal: AbortSignal.any([signal, deaf.signal]) })
    if (!response.ok || !response.body) throw problemOf(response.status, await response.json().catch(() => null))
    listener.link('live')
    const parse = reader()
    const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { value, done } = await chunks.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(() => deaf.abort(), silence)
      for (const message of parse(value)) listener.message(message)
    }
  } finally {
    clearTimeout(timer)
  }
}

const sleep = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    }, { once: true })
  })
