import type { Figures } from './figures'

/** How many passed a step, are there, and were lost there, of those who began. */
export function FunnelBar({ figures: { passed, waiting = 0, lost }, began }: { figures: Figures; began: number }) {
  const share = (n: number) => ({ width: `${Math.max(0, (100 * n) / Math.max(began, 1))}%` })
  return (
    <span className="funnel-bar" aria-hidden>
      <i data-is="passed" style={share(passed)} />
      <i data-is="waiting" style={share(waiting)} />
      <i data-is="lost" style={share(lost)} />
    </span>
  )
}
