const remembered = 60

/**
 * How far behind the server a page is, message by message. Two clocks that differ by more than a second cannot be
 * compared, so then the fastest of the last messages counts as having taken no time.
 */
export function clock(): (written: number, heard: number) => number {
  let differences: number[] = []
  return (written, heard) => {
    differences = [...differences, heard - written].slice(-remembered)
    const fastest = Math.min(...differences)
    const apart = fastest < -50 || fastest > 1_000
    return Math.max(0, Math.round(heard - written - (apart ? fastest : 0)))
  }
}

/** How old live data may be before it is shown as stale. The server says something each 5 s. */
export const staleAfter = 8_000
