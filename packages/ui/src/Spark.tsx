/** The path of a line through values at even steps, from nought at the bottom. Empty where there is nothing to draw. */
export function sparkPath(values: number[], width: number, height: number): string {
  const top = Math.max(...values)
  if (values.length < 2 || !(top > 0)) return ''
  const line = 1 // room for the stroke
  return values
    .map((value, i) => {
      const x = (i * width) / (values.length - 1)
      const y = height - line - (value / top) * (height - 2 * line)
      return `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`
    })
    .join('')
}

const round = (n: number) => Math.round(n * 10) / 10

/** A line with a soft ground, from nought; its numbers are beside it, so it says nothing to a screen reader. */
export function Spark({ values, width = 70, height = 24, color = 'var(--ch-1)' }: { values: number[]; width?: number; height?: number; color?: string }) {
  const line = sparkPath(values, width, height)
  if (!line) return <svg className="spark" width={width} height={height} aria-hidden="true"><path d={`M0 ${height - 1}H${width}`} stroke="var(--line-strong)" /></svg>
  return (
    <svg className="spark" viewBox={`0 0 ${width} ${height}`} width={width} height={height} preserveAspectRatio="none" aria-hidden="true">
      <path d={`${line}V${height}H0Z`} fill={color} opacity="0.14" />
      <path d={line} fill="none" stroke={color} strokeWidth="1.5" strokeLinejoin="round" vectorEffect="non-scaling-stroke" />
    </svg>
  )
}
