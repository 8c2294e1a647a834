import { useCallback, useSyncExternalStore } from 'react'

/** What the address says of the view: which shop, which zone is selected, which decision is explained, who is looked at, since when a replay runs. */
export interface View {
  shop?: string
  zone?: string
  why?: string
  who?: string
  replay?: string
}

const names = ['shop', 'zone', 'why', 'who', 'replay'] as const

export function viewOf(search: string): View {
  const read = new URLSearchParams(search)
  const view: View = {}
  for (const name of names) {
    const value = read.get(name)
    if (value) view[name] = value
  }
  return view
}

export type Change = { [name in keyof View]?: string | undefined }

/** The address after a change; what becomes undefined goes. Another shop has other zones. */
export function searchOf(view: View, change: Change): string {
  const next = { ...view, ...(change.shop !== undefined && change.shop !== view.shop && { zone: undefined, why: undefined, who: undefined }), ...change }
  const written = new URLSearchParams()
  for (const name of names) {
    const value = next[name]
    if (value) written.set(name, value)
  }
  const text = written.toString()
  return text && `?${text}`
}

const moved = 'aisle:moved'

const subscribe = (changed: () => void) => {
  window.addEventListener('popstate', changed)
  window.addEventListener(moved, changed)
  return () => {
    window.removeEventListener('popstate', changed)
    window.removeEventListener(moved, changed)
  }
}

/** The view, and how to change it. What opens something can be undone by the browser's back button. */
export function useView(): [View, (change: Change) => void] {
  const search = useSyncExternalStore(subscribe, () => location.search)
  const change = useCallback((change: Change) => {
    const next = location.pathname + searchOf(viewOf(location.search), change)
    if (change.why ?? change.who ?? change.replay) history.pushState(null, '', next)
    else history.replaceState(null, '', next)
    window.dispatchEvent(new Event(moved))
  }, [])
  return [viewOf(search), change]
}
