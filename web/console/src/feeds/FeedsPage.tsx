import { useFeeds, useMay } from '@aisle/api'
import { ago, dateTime, Empty, useNow } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { Freshness } from '../Freshness'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { kindWords } from './plan'
import { t } from './words'

/** Files and logs that the house can read, by name. */
export default function FeedsPage() {
  const feeds = useFeeds()
  const may = useMay('admin', 'marketer')
  const now = useNow(30_000)
  const add = may && (
    <LinkButton to="/feeds/new" leftSection={<Plus size={14} />}>
      {t.add}
    </LinkButton>
  )
  return (
    <Page title={t.title} note={t.note} actions={add}>
      <Loaded of={feeds} height={240}>
        {(feeds_) =>
          feeds_.length === 0 ? (
            <div className="card">
              <Empty title={t.list.none} action={add}>
                {t.list.noneMore}
              </Empty>
            </div>
          ) : (
            <section className="card" aria-label={t.list.label}>
              <div className="card-head">
                <h2>{t.title}</h2>
                <Freshness of={feeds} />
              </div>
              <div className="scroll">
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">{t.list.name}</th>
                      <th scope="col">{t.list.kind}</th>
                      <th scope="col">{t.list.event}</th>
                      <th scope="col" className="n">
                        {t.list.version}
                      </th>
                      <th scope="col" className="n">
                        {t.list.changed}
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {feeds_.map(({ name, version, plan, note, at, by }) => (
                      <tr key={name}>
                        <td>
                          <Link className="whole mono" to="/feeds/$feed" params={{ feed: name }}>
                            {name}
                          </Link>
                          {note && (
                            <>
                              <br />
                              <span className="dim small" dir="auto">
                                {note}
                              </span>
                            </>
                          )}
                        </td>
                        <td>{kindWords(plan)}</td>
                        <td className="mono dim">{plan.event ?? (plan.format === 'access' ? 'page_viewed' : t.list.itself)}</td>
                        <td className="n">{version}</td>
                        <td className="n" title={at && (by ? t.list.changedBy(dateTime(at), by) : dateTime(at))}>
                          {at ? ago(at, now) : '–'}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </div>
            </section>
          )
        }
      </Loaded>
    </Page>
  )
}
