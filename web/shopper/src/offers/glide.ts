import { useLayoutEffect, useRef } from 'preact/hooks'

/**
 * Lets the children that are marked by data-glide glide to where a new order
 * puts them, so that one sees what moved. Nothing moves for who wants no motion.
 */
export function useGlide(order: string) {
  const root = useRef<HTMLElement>(null)
  const tops = useRef(new Map<string, number>())
  useLayoutEffect(() => {
    const before = tops.current
    tops.current = new Map()
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches
    root.current?.querySelectorAll<HTMLElement>('[data-glide]').forEach((child) => {
      const name = child.dataset.glide!
      const top = child.offsetTop
      tops.current.set(name, top)
      const by = (before.get(name) ?? top) - top
      if (by && !still) child.animate([{ transform: `translateY(${by}px)` }, { transform: 'none' }], { duration: 350, easing: 'ease-out' })
    })
  }, [order])
  return root
}
