import type { LiveKpis } from '@aisle/api'

/** uPlot's columns: seconds, then one array a line; null where nothing was sent. */
export type Columns = [times: number[], ...lines: (number | null)[][]]

const step = 5 // seconds a point
const minutes = 10

/** Where the latency's lines end at a time, in seconds: they move by a point at once. */
export const latencyEnd = (at: string) => Math.ceil(Date.parse(at) / 1_000 / step) * step

/**
 * The latency's lines over the last ten minutes, up to `end`. Points are told only where offers were sent; between two
 * that are more than half a minute apart the line is broken, so that silence does not look like speed.
 */
export function latencyColumns(points: LiveKpis['latency_series'], end: number): Columns {
  const columns: Columns = [[end - minutes * 60], [null], [null], [null]]
  let last: number | undefined
  for (const point of points) {
    const time = Date.parse(point.at) / 1_000
    if (time <= columns[0][columns[0].length - 1]!) continue
    if (last !== undefined && time - last > 30) add(columns, last + step, null, null, null)
    add(columns, time, point.p50_ms, point.p95_ms, point.p99_ms)
    last = time
  }
  if (end > columns[0][columns[0].length - 1]!) add(columns, end, null, null, null)
  return columns
}

function add(columns: Columns, time: number, ...values: (number | null)[]) {
  columns[0].push(time)
  const [, ...lines] = columns
  values.forEach((value, i) => lines[i]!.push(value))
}

export const conversionColumns = (bars: LiveKpis['conversion']): Columns => [
  bars.map(({ at }) => Date.parse(at) / 1_000),
  bars.map(({ delivered }) => delivered),
  bars.map(({ redeemed }) => redeemed),
]

/** The end of a scale that shows all values and a round number above. */
export function roundTop(highest: number, least: number): number {
  const top = Math.max(highest * 1.05, least)
  const unit = 10 ** Math.floor(Math.log10(top))
  return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((times) => times * unit).find((round) => round >= top) ?? top
}
