import { useCheckInCode } from '@aisle/api'
import { Failure, Skeleton } from '@aisle/ui'
import { encode } from 'uqr'
import { t } from '../words'

/** The code that phones check in by. It changes every few minutes: a picture of it is of no use later. */
export function CheckInCode({ shop, name }: { shop: string; name: string }) {
  const code = useCheckInCode(shop)
  return (
    <section className="card scan-card" aria-label={t.scan.checkIn}>
      <h2>{t.scan.checkIn}</h2>
      <p className="dim">{t.scan.checkInHow(name)}</p>
      {code.error && !code.data ? (
        <Failure error={code.error} retry={code.refetch} />
      ) : code.data ? (
        <Qr text={`${location.origin}/shopper/#/here/${encodeURIComponent(code.data.code)}`} label={t.scan.checkInCode(name)} />
      ) : (
        <Skeleton height={220} />
      )}
    </section>
  )
}

function Qr({ text, label }: { text: string; label: string }) {
  const { data, size } = encode(text, { ecc: 'M', border: 2 })
  const dark = data.flatMap((row, y) => row.map((on, x) => (on ? `M${x} ${y}h1v1h-1z` : ''))).join('')
  return (
    <svg className="scan-qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label} shapeRendering="crispEdges">
      <rect width={size} height={size} fill="#fff" />
      <path d={dark} fill="#000" />
    </svg>
  )
}
