import { useMay, useShape, useShapes, type Shape, type ShapeSummary } from '@aisle/api'
import { ago, compact, count, dateTime, Empty, percent, Status, useNow } from '@aisle/ui'
import { Tooltip } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { LinkButton } from '../LinkButton'
import { Loaded } from '../Page'
import { sinceLearned, typeWords } from './arriving'
import { t } from './words'

const route = getRouteApi('/shell/sources/source')

/** The events of a source, and the fields of one of them as they come. */
export function ShapeTab({ source }: { source: string }) {
  const shapes = useShapes()
  return (
    <Loaded of={shapes} height={420}>
      {(all) => {
        const shapes = all.filter((shape) => shape.source === source).toSorted((a, b) => b.count - a.count)
        if (shapes.length === 0) {
          return (
            <div className="card">
              <Empty title={t.shape.none}>{t.shape.noneMore}</Empty>
            </div>
          )
        }
        return <Events source={source} shapes={shapes} />
      }}
    </Loaded>
  )
}

function Events({ source, shapes }: { source: string; shapes: ShapeSummary[] }) {
  const { event } = route.useSearch()
  const shown = shapes.find((shape) => shape.event === event) ?? shapes[0]!
  const shape = useShape(source, shown.event)
  return (
    <div className="shape">
      <nav className="card" aria-label={t.shape.events}>
        <ul className="things">
          {shapes.map((one) => (
            <li key={one.event}>
              <Link from="/sources/source" to="." search={(before) => ({ ...before, event: one.event })} replace aria-current={one === shown ? 'true' : undefined}>
                <span className="cut mono">{one.event}</span>
                {one.open_notices > 0 && (
                  <span className="nav-open num" title={t.toJudge(one.open_notices)}>
                    {one.open_notices}
                  </span>
                )}
                <span className="dim small num">{compact(one.count)}</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <Loaded of={shape} height={420}>
        {(shape) => <Fields shape={shape} />}
      </Loaded>
    </div>
  )
}

function Fields({ shape }: { shape: Shape }) {
  const now = useNow(5_000)
  const may = useMay('admin', 'marketer')
  const { event, count: events, seen, first, last, learned, truncated, contract, fields, notices } = shape
  const open = notices.filter(({ state }) => state === 'open').length
  return (
    <section className="card" aria-label={t.shape.fieldsOf(event)}>
      <div className="list-head">
        <p className="num">
          <span className="strong">{t.events(events)}</span>{' '}
          <span className="dim">
            {t.shape.since(dateTime(first), ago(last, now))}
            {seen < events && t.shape.seen(count(seen))}
          </span>
        </p>
        <span className="row">
          {open > 0 && (
            <LinkButton size="compact-sm" variant="default" to="/sources/source" search={{ name: shape.source, tab: 'changes', event }}>
              {t.shape.judge(open)}
            </LinkButton>
          )}
          {contract || may ? (
            <LinkButton size="compact-sm" variant="default" to="/contracts/$event" params={{ event }}>
              {contract ? t.shape.contract(contract) : t.shape.start}
            </LinkButton>
          ) : null}
        </span>
      </div>
      {fields.length === 0 ? (
        <Empty title={t.shape.noFields}>{t.shape.noFieldsMore}</Empty>
      ) : (
        <div className="scroll">
          <table className="table" data-dense="">
            <thead>
              <tr>
                <th scope="col">{t.shape.field}</th>
                <th scope="col">{t.shape.type}</th>
                <th scope="col">{t.shape.share}</th>
                <th scope="col">{t.shape.example}</th>
                <th scope="col">{learned ? t.shape.learned : ''}</th>
              </tr>
            </thead>
            <tbody>
              {fields.map((field) => {
                const other = sinceLearned(field, learned)
                return (
                  <tr key={field.path}>
                    <td className="mono">
                      {field.path}
                      {field.required_by_contract && (
                        <Tooltip label={t.shape.required}>
                          <span className="dim" role="img" aria-label={t.shape.requiredSaid}>
                            {' *'}
                          </span>
                        </Tooltip>
                      )}
                    </td>
                    <td>{typeWords(field.types)}</td>
                    <td>
                      <span className="share" title={t.events(field.count)}>
                        <i style={{ width: `${field.share * 100}%` }} />
                        <span className="num">{field.share > 0 && field.share < 0.01 ? '<1%' : percent(field.share, 0)}</span>
                      </span>
                    </td>
                    <td className="mono dim example" title={field.examples?.join('\n')}>
                      {field.examples?.join(' · ') || '–'}
                    </td>
                    <td>{other ? <Status state={{ word: other, tone: 'warn' }} /> : null}</td>
                  </tr>
                )
              })}
            </tbody>
          </table>
        </div>
      )}
      <p className="list-foot num">
        {t.shape.fields(fields.length)}
        {truncated && t.shape.truncated}
        {!learned && t.shape.unlearned}
        {contract ? t.shape.star : ''}
        {t.shape.covered}
      </p>
    </section>
  )
}
