import { useCallback, useEffect, useRef, useState } from 'react'
import { Problem, problemOf } from './client'
import type { components } from './schema'

export type PastCovered = components['schemas']['PastCovered']

interface Line<R> {
  progress?: PastCovered
  report?: R
  problem?: string
}

/** A look at the past while it goes on, and what came of it. */
export interface Past<R> {
  running: boolean
  progress?: PastCovered | undefined
  report?: R | undefined
  error?: unknown
}

const unreachable = 'The server does not answer. Check that it runs and that this machine is online.'

/** The lines of an answer, as they come. */
export async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let rest = ''
  for (;;) {
    const { done, value } = await reader.read()
    rest += decoder.decode(value, { stream: !done })
    const lines = rest.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield line
    if (done) break
  }
  if (rest !== '') yield rest
}

/** Asks for a look at the past, which is answered by lines of JSON: how far it is, and at the end a report. */
export function usePast<R>() {
  const [past, setPast] = useState<Past<R>>({ running: false })
  const going = useRef<AbortController>(undefined)
  const stop = useCallback(() => going.current?.abort(), [])
  useEffect(() => stop, [stop])

  const ask = useCallback(
    async (path: string, body?: unknown) => {
      stop()
      const mine = new AbortController()
      going.current = mine
      // What was said before stays until something better is known.
      setPast(({ report }) => ({ running: true, report }))
      const tell = (change: Partial<Past<R>>) => going.current === mine && setPast((before) => ({ ...before, ...change }))
      try {
        const response = await fetch(path, {
          method: body === undefined ? 'GET' : 'POST',
          headers: { 'X-Aisle': '1', 'Content-Type': 'application/json' },
          signal: mine.signal,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        })
        if (!response.ok || !response.body) throw problemOf(response.status, await response.json().catch(() => null))
        let report: R | undefined
        for await (const line of linesOf(response.body)) {
          const said = JSON.parse(line) as Line<R>
          if (said.problem) throw new Problem(503, said.problem)
          if (said.progress) tell({ progress: said.progress })
          report = said.report ?? report
        }
        if (!report) throw new Problem(0, 'The answer broke off. Try again.')
        tell({ running: false, report, error: undefined })
      } catch (cause) {
        const error = mine.signal.aborted ? undefined : cause instanceof Problem ? cause : new Problem(0, unreachable)
        tell({ running: false, error })
      }
    },
    [stop],
  )
  return { ...past, ask, stop }
}
