import { useFeatures, type Feature } from '@aisle/api'
import { Empty, purposeWord, triggerWord, worded } from '@aisle/ui'
import { TextInput } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { makes } from './say'
import { t } from './words'
import './features.css'

const route = getRouteApi('/shell/features')

/** What is declared to be known of every shopper. */
export default function FeaturesPage() {
  const asked = useFeatures()
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Page
      title={t.list.title}
      note={t.list.note}
      actions={<TextInput aria-label={t.list.find} placeholder={t.list.find} value={q} onChange={({ target: { value } }) => void navigate({ search: { q: value || undefined }, replace: true })} />}
    >
      <Loaded of={asked} height={640}>
        {(features) => <Declared features={features.filter((f) => [f.name, f.doc && worded(f.doc), f.aggregate, f.by, f.of, ...f.events].some((text) => text?.toLowerCase().includes(q.toLowerCase())))} />}
      </Loaded>
    </Page>
  )
}

function Declared({ features }: { features: Feature[] }) {
  if (features.length === 0) return <Empty title={t.list.none}>{t.list.noneMore}</Empty>
  return (
    <section className="card" aria-label={t.list.label}>
      {/* A table that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="scroll" tabIndex={0} role="region" aria-label={t.list.table}>
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.list.feature}</th>
              <th scope="col">{t.list.makes}</th>
              <th scope="col">{t.list.events}</th>
              <th scope="col">{t.list.looks}</th>
              <th scope="col">{t.list.consent}</th>
            </tr>
          </thead>
          <tbody>
            {features.map((f) => (
              <tr key={f.name}>
                <td>
                  <code dir="ltr">{f.name}</code>
                  {f.doc && <p className="dim small" dir="auto">{worded(f.doc)}</p>}
                </td>
                <td>{makes(f)}</td>
                <td>
                  {f.events.map(triggerWord).join(t.and)}
                  {f.where && (
                    <p className="small">
                      <code dir="ltr">{f.where}</code>
                    </p>
                  )}
                </td>
                <td dir="auto">{worded(f.looks)}</td>
                <td>{f.consent ? purposeWord(f.consent) : <span className="dim">{t.list.noConsent}</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
