import { useMay, useSegments, type SegmentWithUses } from '@aisle/api'
import { ago, Empty, useNow } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { t } from './words'

export default function SegmentsPage() {
  const may = useMay('marketer', 'approver', 'admin')
  return (
    <Page
      title={t.list.title}
      note={t.list.note}
      actions={
        may && (
          <LinkButton to="/segments/new" leftSection={<Plus size={14} />}>
            {t.list.add}
          </LinkButton>
        )
      }
    >
      <Loaded of={useSegments()} height={320}>
        {(segments) => <SegmentsTable segments={segments} may={may} />}
      </Loaded>
    </Page>
  )
}

function SegmentsTable({ segments, may }: { segments: SegmentWithUses[]; may: boolean }) {
  const now = useNow(30_000)
  if (segments.length === 0) {
    return (
      <div className="card">
        <Empty title={t.list.none} action={may && <LinkButton to="/segments/new">{t.list.first}</LinkButton>}>
          {t.list.noneMore}
        </Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label={t.list.label}>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.segment}</th>
              <th scope="col">{t.whoBelongs}</th>
              <th scope="col">{t.usedBy}</th>
              <th scope="col">{t.changed}</th>
            </tr>
          </thead>
          <tbody>
            {segments.map(({ segment: { id, name, description, rule, updated }, used }) => (
              <tr key={id}>
                <td>
                  <Link className="whole" dir="auto" to="/segments/$segment" params={{ segment: id }}>
                    {name}
                  </Link>
                  {description && <p className="dim small" dir="auto">{description}</p>}
                </td>
                <td>
                  <code className="small" dir="ltr">{rule}</code>
                </td>
                <td className="small">{used.length === 0 ? <span className="dim">{t.list.unused}</span> : used.map(({ name }) => name).join(', ')}</td>
                <td className="dim">{updated ? ago(updated, now) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="list-foot num">{t.list.segments(segments.length)}</p>
    </section>
  )
}
