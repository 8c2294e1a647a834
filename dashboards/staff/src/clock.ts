import { useLive } from '@aisle/api'
import { useNow } from '@aisle/ui'

/** What time it is by the server, in ms since 1970, also on a tablet whose own clock is wrong; told anew each step, in ms. */
export function useServerNow(step?: number): number {
  const aheadMs = useLive((live) => live.aheadMs)
  return useNow(step) + (aheadMs ?? 0)
}
