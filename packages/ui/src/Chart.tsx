import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { day, hourMinute } from './format'

/** A token's value now: canvas cannot read variables. */
export const token = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()

export type ChartOptions = Omit<uPlot.Options, 'width' | 'height'>

/**
 * uPlot in React. `options` are read again when the colours or the size change, `data` at each draw. The label tells
 * a screen reader what the lines say.
 */
export function Chart({ options, data, height, label }: { options: () => ChartOptions; data: uPlot.AlignedData; height: number; label: string }) {
  const host = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot>(undefined)
  const latest = useRef({ options, data })
  latest.current = { options, data }
  const scheme = useComputedColorScheme('light')

  useEffect(() => {
    const element = host.current!
    const drawn = new uPlot({ ...latest.current.options(), width: element.clientWidth, height }, latest.current.data, element)
    plot.current = drawn
    const resized = new ResizeObserver(() => drawn.setSize({ width: element.clientWidth, height }))
    resized.observe(element)
    void document.fonts.ready.then(() => plot.current === drawn && drawn.redraw(false, true))
    return () => {
      resized.disconnect()
      drawn.destroy()
      plot.current = undefined
    }
  }, [scheme, height])

  useEffect(() => {
    plot.current?.setData(data)
  }, [data])

  return <div ref={host} className="chart" role="img" aria-label={label} style={{ height }} />
}

export const chartFont = "11px 'Inter Variable', system-ui, sans-serif"

/** A time's ticks in the language: the hour, and at the first of each day the day. */
const times: uPlot.Axis.Values = (_, splits) => {
  let last = ''
  return splits.map((seconds) => {
    const time = seconds * 1_000
    const first = day(time) !== last
    last = day(time)
    return first ? `${hourMinute(time)}\n${last}` : hourMinute(time)
  })
}

/** The axis of times in the house's letters and lines. */
export const timeAxis = (): uPlot.Axis => axis({ size: 34, values: times })

/** An axis in the house's letters and lines. */
export const axis = (options: Partial<uPlot.Axis> = {}): uPlot.Axis => ({
  stroke: token('--text-faint'),
  font: chartFont,
  grid: { stroke: token('--grid'), width: 1 },
  ticks: { show: false },
  gap: 6,
  ...options,
})
