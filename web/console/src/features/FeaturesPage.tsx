import { useFeatures, type Feature } from '@aisle/api'
import { Empty, purposeWord, spaced } from '@aisle/ui'
import { TextInput } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { makes } from './say'
import './features.css'

const route = getRouteApi('/shell/features')

/** What is declared to be known of every shopper. */
export default function FeaturesPage() {
  const asked = useFeatures()
  const { q = '' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Page
      title="Features"
      note="What is known of shoppers, folded from what they do. Campaign rules and the model look at these."
      actions={<TextInput aria-label="Find a feature" placeholder="Find a feature" value={q} onChange={({ target: { value } }) => void navigate({ search: { q: value || undefined }, replace: true })} />}
    >
      <Loaded of={asked} height={640}>
        {(features) => <Declared features={features.filter((f) => [f.name, f.doc, f.aggregate, f.by, f.of, ...f.events].some((text) => text?.toLowerCase().includes(q.toLowerCase())))} />}
      </Loaded>
    </Page>
  )
}

function Declared({ features }: { features: Feature[] }) {
  if (features.length === 0) return <Empty title="No feature is called so">Look for a part of its name, of an event, or of what it says.</Empty>
  return (
    <section className="card" aria-label="Features">
      {/* A table that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="scroll" tabIndex={0} role="region" aria-label="Features, as a table">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Feature</th>
              <th scope="col">What it makes</th>
              <th scope="col">Of which events</th>
              <th scope="col">Looks at</th>
              <th scope="col">Needs consent</th>
            </tr>
          </thead>
          <tbody>
            {features.map((f) => (
              <tr key={f.name}>
                <td>
                  <code>{f.name}</code>
                  {f.doc && <p className="dim small">{f.doc}</p>}
                </td>
                <td>{makes(f)}</td>
                <td>
                  {f.events.map(spaced).join(', ')}
                  {f.where && (
                    <p className="small">
                      <code>{f.where}</code>
                    </p>
                  )}
                </td>
                <td>{f.looks}</td>
                <td>{f.consent ? purposeWord[f.consent] : <span className="dim">none</span>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
