const remembered = 60

/** How far the server's clock is ahead of a page's that heard the server this long after it wrote; 0 where that may be the way. */
export const aheadOf = (tookMs: number) => (tookMs < -50 || tookMs > 1_000 ? -tookMs : 0)

/**
 * How far behind the server a page is, message by message, and how far its clock is ahead. Two clocks that differ by
 * more than a second cannot be compared, so then the fastest of the last messages counts as having taken no time.
 */
export function clock(): (written: number, heard: number) => { behindMs: number; aheadMs: number } {
  let differences: number[] = []
  return (written, heard) => {
    differences = [...differences, heard - written].slice(-remembered)
    const aheadMs = aheadOf(Math.min(...differences))
    return { behindMs: Math.max(0, Math.round(heard - written + aheadMs)), aheadMs }
  }
}

/** How old live data may be before it is shown as stale. The server says something each 5 s. */
export const staleAfter = 8_000
