import { useFeeds, useMay } from '@aisle/api'
import { ago, dateTime, Empty, useNow } from '@aisle/ui'
import { Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { Freshness } from '../Freshness'
import { LinkButton } from '../LinkButton'
import { Loaded, Page } from '../Page'
import { kindWords } from './plan'

/** Files and logs that the house can read, by name. */
export default function FeedsPage() {
  const feeds = useFeeds()
  const may = useMay('admin', 'marketer')
  const now = useNow(30_000)
  const add = may && (
    <LinkButton to="/feeds/new" leftSection={<Plus size={14} />}>
      Read a file or log
    </LinkButton>
  )
  return (
    <Page title="Files and logs" note="How files are read that no client sent: exports of a till, access logs, lists. Each has a name by which the command reads it." actions={add}>
      <Loaded of={feeds} height={240}>
        {(feeds_) =>
          feeds_.length === 0 ? (
            <div className="card">
              <Empty title="No file is known yet" action={add}>
                Give the beginning of a file. Its kind and fields are found out, you name them, and a command brings all of it to the house.
              </Empty>
            </div>
          ) : (
            <section className="card" aria-label="List of feeds">
              <div className="card-head">
                <h2>Files and logs</h2>
                <Freshness of={feeds} />
              </div>
              <div className="scroll">
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">Name</th>
                      <th scope="col">What it is</th>
                      <th scope="col">Becomes</th>
                      <th scope="col" className="n">
                        Version
                      </th>
                      <th scope="col" className="n">
                        Changed
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
                              <span className="dim small">{note}</span>
                            </>
                          )}
                        </td>
                        <td>{kindWords(plan)}</td>
                        <td className="mono dim">{plan.event ?? (plan.format === 'access' ? 'page_viewed' : 'what it says')}</td>
                        <td className="n">{version}</td>
                        <td className="n" title={at && `${dateTime(at)}${by ? ` by ${by}` : ''}`}>
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
