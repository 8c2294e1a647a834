import { useLive } from '@aisle/api'
import { capacity, percent, Skeleton } from '@aisle/ui'
import { useMemo } from 'react'
import { t } from './words'

const shown = 6

/** The zones that are fullest for what they hold. */
export function BusiestZones({ selected, onZone }: { selected: string | undefined; onZone: (zone: string | undefined) => void }) {
  const shop = useLive((live) => live.shop)
  const told = useLive((live) => live.kpis?.zones)
  const zones = useMemo(() => {
    const people = new Map(told?.map((zone) => [zone.zone, zone.people]))
    return (shop?.zones ?? [])
      .map((zone) => ({ zone, share: (people.get(zone.id) ?? 0) / capacity(zone) }))
      .toSorted((a, b) => b.share - a.share || a.zone.name.localeCompare(b.zone.name))
      .slice(0, shown)
  }, [shop, told])
  return (
    <section className="card" aria-label={t.busiest.title}>
      <div className="card-head">
        <h2>{t.busiest.title}</h2>
        <span className="dim">{t.busiest.note}</span>
      </div>
      {!shop ? (
        <div className="bars">
          {Array.from({ length: shown }, (_, i) => (
            <Skeleton key={i} width="auto" style={{ margin: '5px 6px' }} />
          ))}
        </div>
      ) : zones.length === 0 ? (
        <p className="help-none dim">{t.busiest.noneYet}</p>
      ) : (
        <ul className="bars num">
          {zones.map(({ zone, share }) => (
            <li key={zone.id}>
              <button type="button" aria-pressed={zone.id === selected} onClick={() => onZone(zone.id === selected ? undefined : zone.id)}>
                <span className="cut">{zone.name}</span>
                <i>
                  <b style={{ width: `${Math.min(100, share * 100)}%` }} />
                </i>
                <span className="dim">{percent(share, 0)}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
