import { createContext, createElement, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react'
import { problemOf, Problem } from '../client'
import { aheadOf } from './behind'
import { LiveContext, type LiveShop, type Store } from './live'
import { reader } from './parse'
import { markOf, projector, toldAt, type Mark, type ReplayEnd, type ReplaySpan, type Told } from './tape'
import { nothing } from './fold'

/** How a replay is going, and what may be done with it. Times are milliseconds since 1970. */
export interface Replay {
  from: number
  until: number
  time: number
  playing: boolean
  speed: number
  /** Up to where it has been read from the log. */
  loaded: number
  marks: Mark[]
  span?: ReplaySpan
  end?: ReplayEnd
  problem?: Problem
  play(playing: boolean): void
  seek(time: number): void
  setSpeed(speed: number): void
}

const ReplayContext = createContext<Replay | undefined>(undefined)

/** The replay that is shown, if one is. */
export const useReplay = () => useContext(ReplayContext)

const tick = 100 // ms between two pictures

interface Read {
  loaded: number
  marks: Mark[]
  span?: ReplaySpan
  end?: ReplayEnd
  problem?: Problem
}

/** Shows everything inside as it was at a time of ten minutes that have passed: what is live elsewhere is the past here. */
export function ReplayProvider({ shop, from, until, children }: { shop: string; from: number; until: number; children: ReactNode }) {
  const [read, setRead] = useState<Read>({ loaded: from, marks: [] })
  const [time, setTime] = useState(from)
  const [playing, play] = useState(true)
  const [speed, setSpeed] = useState(1)
  const told = useRef<Told[]>([])
  const [screen] = useState(stage)

  useEffect(() => {
    const ended = new AbortController()
    const messages: Told[] = []
    told.current = messages
    screen.load(messages)
    setRead({ loaded: from, marks: [] })
    setTime(from)
    play(true)
    fetchTape(shop, from, until, ended.signal, screen.dated, (more) => {
      messages.push(...more)
      screen.show()
      setRead((before) => readOn(before, more))
    }).catch((error: unknown) => {
      if (!ended.signal.aborted) setRead((before) => ({ ...before, problem: error instanceof Problem ? error : new Problem(0, 'The server does not answer. Try again in a moment.') }))
    })
    return () => ended.abort()
  }, [shop, from, until, screen])

  useEffect(() => {
    if (!playing) return
    let last = performance.now()
    const timer = setInterval(() => {
      const now = performance.now()
      const passed = (now - last) * speed
      last = now
      setTime((time) => Math.min(read.loaded, time + passed))
    }, tick)
    return () => clearInterval(timer)
  }, [playing, speed, read.loaded])

  const over = read.end !== undefined && time >= read.loaded
  useEffect(() => {
    if (over) play(false)
  }, [over])

  useEffect(() => screen.show(time, playing ? 1_000 / speed : 0), [screen, time, playing, speed])

  const replay = useMemo<Replay>(
    () => ({
      ...read,
      from,
      until,
      time,
      playing,
      speed,
      play: (on) => {
        if (on && over) setTime(from)
        play(on)
      },
      seek: (to) => setTime(Math.max(from, Math.min(until, to))),
      setSpeed,
    }),
    [read, from, until, time, playing, speed, over],
  )
  return createElement(ReplayContext, { value: replay }, createElement(LiveContext, { value: screen.store }, children))
}

function readOn(before: Read, more: Told[]): Read {
  const next = { ...before, loaded: Math.max(before.loaded, more.at(-1)?.at ?? 0) }
  const marks: Mark[] = []
  for (const message of more) {
    if (message.type === 'replay') next.span = JSON.parse(message.data) as ReplaySpan
    else if (message.type === 'end') next.end = JSON.parse(message.data) as ReplayEnd
    else {
      const mark = markOf(message)
      if (mark) marks.push(mark)
    }
  }
  return marks.length > 0 ? { ...next, marks: [...before.marks, ...marks] } : next
}

/** What is shown of the replay, for all that look at a live shop elsewhere. */
function stage() {
  let project = projector([])
  let at = 0
  let aheadMs: number | undefined
  let now: LiveShop = { ...nothing, link: 'live', replayed: 0 }
  const listeners = new Set<() => void>()
  const store: Store = {
    now: () => now,
    subscribe(changed) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
  }
  return {
    store,
    /** By the server's clock it was so late just now. */
    dated(written: number) {
      aheadMs = aheadOf(Date.now() - written)
    },
    load(told: Told[]) {
      project = projector(told)
    },
    show(time = at, strideMs = now.strideMs) {
      at = time
      now = { ...project(time), link: 'live', replayed: time, ...(strideMs !== undefined && { strideMs }), ...(aheadMs !== undefined && { aheadMs }) }
      for (const changed of listeners) changed()
    },
  }
}

async function fetchTape(shop: string, from: number, until: number, signal: AbortSignal, dated: (written: number) => void, heard: (more: Told[]) => void): Promise<void> {
  const iso = (time: number) => new Date(time).toISOString()
  const query = new URLSearchParams({ shop, from: iso(from), until: iso(until) })
  const response = await fetch(`/api/replay?${query}`, { headers: { 'X-Aisle': '1' }, cache: 'no-store', signal })
  if (!response.ok || !response.body) throw problemOf(response.status, await response.json().catch(() => null))
  const date = response.headers.get('date')
  if (date !== null) dated(Date.parse(date))
  const parse = reader()
  const chunks = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let ended = false
  for (;;) {
    const { value, done } = await chunks.read()
    if (done) break
    const more = parse(value).map(toldAt)
    ended ||= more.some(({ type }) => type === 'end')
    if (more.length > 0) heard(more)
  }
  if (!ended) throw new Problem(0, 'A part of these minutes could not be read. Try again in a moment.')
}
