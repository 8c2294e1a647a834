import { createContext, createElement, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react'
import { answer, api, Problem } from '../client'
import { clock } from './behind'
import { follow, type Link } from './feed'
import { fold, nothing, type Live } from './fold'

/** A shop as it is now, and how fresh that is. */
export interface LiveShop extends Live {
  link: Link
  /** By this page's clock, when anything was last heard. */
  heard?: number
  behindMs?: number
  /** How far the server's clock is ahead of this page's; 0 where they agree to a second. */
  aheadMs?: number
  problem?: Problem
  /** Where this is a replay, the time that is shown, by the shop's log; and how long the step to the next picture takes. */
  replayed?: number
  strideMs?: number
}

export interface Store {
  now(): LiveShop
  subscribe(changed: () => void): () => void
}

/** Follows one shop for as long as the signal lasts. */
function open(shop: string, signal: AbortSignal): Store {
  let now: LiveShop = { ...nothing, link: 'connecting' }
  const listeners = new Set<() => void>()
  const compare = clock()
  const set = (next: LiveShop) => {
    now = next
    for (const changed of listeners) changed()
  }

  follow(
    `/api/live?shop=${encodeURIComponent(shop)}`,
    {
      message(message) {
        const heard = Date.now()
        const next = fold(now, message)
        const { problem: _, ...rest } = { ...now, ...next }
        set({
          ...rest,
          link: 'live',
          heard,
          ...(next.written !== undefined && next.written !== now.written && compare(next.written, heard)),
        })
      },
      link(link, problem) {
        const { problem: _, ...rest } = now
        set({ ...rest, link, ...(problem && { problem }) })
      },
    },
    signal,
  )

  // A tab that is not the one with the connection is told only what happens next: it asks for what was before.
  const ask = async () => {
    await new Promise((resolve) => setTimeout(resolve, 300))
    if (signal.aborted || now.shop) return
    const snapshot = await answer(api.GET('/api/live/snapshot', { params: { query: { shop } }, signal }))
    if (!now.shop) set({ ...now, ...fold(nothing, { id: '', type: 'snapshot', data: JSON.stringify(snapshot) }), heard: Date.now() })
  }
  ask().catch(() => undefined) // the stream says what is wrong

  return {
    now: () => now,
    subscribe(changed) {
      listeners.add(changed)
      return () => listeners.delete(changed)
    },
  }
}

export const LiveContext = createContext<Store | undefined>(undefined)
const none: LiveShop = { ...nothing, link: 'connecting' }
const nowhere: Store = { now: () => none, subscribe: () => () => undefined }

/** Follows a shop for everything inside. */
export function LiveProvider({ shop, children }: { shop: string | undefined; children: ReactNode }) {
  const [store, setStore] = useState<Store>(nowhere)
  useEffect(() => {
    if (shop === undefined) return
    const ended = new AbortController()
    setStore(open(shop, ended.signal))
    return () => {
      ended.abort()
      setStore(nowhere)
    }
  }, [shop])
  return createElement(LiveContext, { value: store }, children)
}

/** A part of the live shop; the component is drawn again when that part changes. */
export function useLive<T>(select: (live: LiveShop) => T): T {
  const store = useContext(LiveContext) ?? nowhere
  return useSyncExternalStore(store.subscribe, () => select(store.now()))
}
