import { useAudit, useMay } from '@aisle/api'
import { dateTime, Empty } from '@aisle/ui'
import { Button, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { getRouteApi } from '@tanstack/react-router'
import { Download } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Loaded, Page } from '../Page'
import { t } from './words'

const route = getRouteApi('/shell/audit')

/** Who did what when. */
export default function AuditPage() {
  const may = useMay('admin')
  if (!may) {
    return (
      <Page title={t.audit.title} note={t.audit.notYours.note}>
        <div className="card">
          <Empty title={t.audit.notYours.title}>{t.audit.notYours.more}</Empty>
        </div>
      </Page>
    )
  }
  return <Acts />
}

function Acts() {
  const { by, what } = route.useSearch()
  const navigate = route.useNavigate()
  const [typed, setTyped] = useState({ by: by ?? '', what: what ?? '' })
  const [settled] = useDebouncedValue(typed, 250)
  useEffect(() => {
    void navigate({ search: { by: settled.by || undefined, what: settled.what || undefined }, replace: true })
  }, [settled, navigate])
  const acts = useAudit({ by, what })
  const file = (format: string) => `/api/audit?${new URLSearchParams({ ...(by && { by }), ...(what && { what }), ...(format === 'csv' ? { format } : { limit: '500' }) })}`
  return (
    <Page
      title={t.audit.title}
      note={t.audit.note}
      actions={
        <>
          <Button component="a" variant="default" href={file('csv')} download="aisle-audit.csv" leftSection={<Download size={14} />}>
            CSV
          </Button>
          <Button component="a" variant="default" href={file('json')} download="aisle-audit.json" leftSection={<Download size={14} />}>
            JSON
          </Button>
        </>
      }
    >
      <div className="fields">
        <TextInput className="w4" label={t.audit.who} value={typed.by} onChange={(event) => setTyped({ ...typed, by: event.currentTarget.value })} />
        <TextInput className="w4" label={t.audit.what} placeholder={t.audit.whatSuch} value={typed.what} onChange={(event) => setTyped({ ...typed, what: event.currentTarget.value })} />
      </div>
      <Loaded of={acts}>
        {(acts) =>
          acts.length === 0 ? (
            <div className="card">
              <Empty title={t.audit.none}>{t.audit.noneMore}</Empty>
            </div>
          ) : (
            <section className="card" aria-label={t.audit.label}>
              <div className="scroll">
                <table className="table">
                  <thead>
                    <tr>
                      <th scope="col">{t.audit.when}</th>
                      <th scope="col">{t.audit.who}</th>
                      <th scope="col">{t.audit.did}</th>
                      <th scope="col">{t.audit.to}</th>
                    </tr>
                  </thead>
                  <tbody>
                    {acts.map((act, i) => (
                      <tr key={`${act.at}/${i}`}>
                        <td className="num">{dateTime(act.at)}</td>
                        <td className="strong">{act.by}</td>
                        <td>
                          <bdi>{act.action}</bdi>
                        </td>
                        <td className="mono small">
                          <bdi dir="ltr">{act.object}</bdi>
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
