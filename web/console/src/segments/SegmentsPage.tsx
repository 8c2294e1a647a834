import { useMay, useSegments, type SegmentWithUses } from '@aisle/api'
import { ago, Empty, plural, useNow } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'

export default function SegmentsPage() {
  const may = useMay('marketer', 'approver', 'admin')
  return (
    <Page
      title="Segments"
      note="Rules with a name, for campaigns to share. Who belongs to one is looked at anew at each moment."
      actions={
        may && (
          <LinkButton to="/segments/new" leftSection={<Plus size={14} />}>
            New segment
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
        <Empty title="No segment yet" action={may && <LinkButton to="/segments/new">Write the first segment</LinkButton>}>
          A segment says once who “gold coffee lovers” are. Each campaign for them follows when it changes.
        </Empty>
      </div>
    )
  }
  return (
    <section className="card" aria-label="List of segments">
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Segment</th>
              <th scope="col">Who belongs to it</th>
              <th scope="col">Used by</th>
              <th scope="col">Changed</th>
            </tr>
          </thead>
          <tbody>
            {segments.map(({ segment: { id, name, description, rule, updated }, used }) => (
              <tr key={id}>
                <td>
                  <Link className="whole" to="/segments/$segment" params={{ segment: id }}>
                    {name}
                  </Link>
                  {description && <p className="dim small">{description}</p>}
                </td>
                <td>
                  <code className="small">{rule}</code>
                </td>
                <td className="small">{used.length === 0 ? <span className="dim">Nothing yet</span> : used.map(({ name }) => name).join(', ')}</td>
                <td className="dim">{updated ? ago(updated, now) : '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <p className="list-foot num">{plural(segments.length, 'segment')}</p>
    </section>
  )
}
