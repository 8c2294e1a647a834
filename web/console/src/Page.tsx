import { useMay } from '@aisle/api'
import { Empty, Failure, Skeleton } from '@aisle/ui'
import { useDocumentTitle } from '@mantine/hooks'
import type { ReactNode } from 'react'
import { t } from './words'

interface PageProps {
  title: string
  /** What stands beside the title: a state, an id. */
  beside?: ReactNode
  note?: ReactNode
  actions?: ReactNode
  narrow?: boolean
  children: ReactNode
}

/** A page: its title, what can be done, what it shows. */
export function Page({ title, beside, note, actions, narrow, children }: PageProps) {
  useDocumentTitle(`${title} · Aisle`)
  return (
    <div className="page" data-narrow={narrow || undefined}>
      <div className="page-head">
        <div className="grow">
          <div className="row">
            <h1 className="cut" dir="auto">{title}</h1>
            {beside}
          </div>
          {note && <p className="dim">{note}</p>}
        </div>
        {actions && <div className="row page-actions">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

/** What is only for those who may write campaigns, scenarios and segments: an address leads anybody there. */
export const ForWriters = ({ children }: { children: ReactNode }) =>
  useMay('marketer') ? (
    children
  ) : (
    <div className="card">
      <Empty title={t.reader.title}>{t.reader.more}</Empty>
    </div>
  )

interface Asked<T> {
  data: T | undefined
  error: unknown
  refetch: () => unknown
}

/** What the server said, or why not, or a place for it that is as large. */
export function Loaded<T>({ of, height = 320, children }: { of: Asked<T>; height?: number; children: (data: T) => ReactNode }) {
  if (of.data !== undefined) return children(of.data)
  if (of.error) return <Failure error={of.error} retry={of.refetch} />
  return <Skeleton height={height} style={{ borderRadius: 10 }} />
}
