import type { ComponentChildren, ComponentType } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { sayMore, t } from './words'

/** The heading of a page. It takes the focus, as a screen reader expects of a new page, and names the tab. */
export function Heading({ children }: { children: ComponentChildren }) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    scrollTo(0, 0)
    document.title = `${heading.current?.textContent} · Aisle`
    heading.current?.focus({ preventScroll: true })
  }, [])
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  )
}

/** The way back to a page. */
export function Back({ to, children }: { to: string; children?: ComponentChildren }) {
  return (
    <a class="button plain back" href={to}>
      {children ?? t.back}
    </a>
  )
}

/** A message that assistive technology says aloud. Nothing, where there is nothing to say. */
export function Note({ tone, children }: { tone: 'neg' | 'pos' | 'warn'; children: ComponentChildren }) {
  if (!children) return null
  return (
    <p class="note" data-tone={tone} role={tone === 'neg' ? 'alert' : 'status'}>
      {children}
    </p>
  )
}

/** A page whose code and words come when it is first opened, so that the first offer does not wait for them. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>): ComponentType<P> {
  let loaded: ComponentType<P> | undefined
  return function Later(props: P) {
    const [failed, setFailed] = useState(false)
    const [, shown] = useState(!!loaded)
    useEffect(() => {
      if (loaded) return
      Promise.all([load(), sayMore()]).then(
        ([page]) => {
          loaded = page
          shown(true)
        },
        () => setFailed(true),
      )
    }, [])
    const Page = loaded
    if (Page) return <Page {...props} />
    if (failed) return <Note tone="neg">{t.notLoaded}</Note>
    return <div class="skeleton" aria-busy="true" />
  }
}
