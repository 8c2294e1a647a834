import { usePersonFeatures, type PersonFeature } from '@aisle/api'
import { ago, dateTime, featureText, purposeWord, span, useNow } from '@aisle/ui'
import { SegmentedControl } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { bars } from './say'
import './features.css'

const route = getRouteApi('/shell/people/$shopper/features')

/** Every feature of one shopper: what it says, from when that is, and for how long. */
export default function PersonFeaturesPage() {
  const { shopper } = route.useParams()
  const { all } = route.useSearch()
  const navigate = route.useNavigate()
  const asked = usePersonFeatures(shopper)
  const who = asked.data ? (asked.data.name ?? `Shopper ${asked.data.label}`) : 'Shopper'
  return (
    <Page
      title={`What is known of ${who}`}
      note={
        <>
          <Link to="/people/$shopper" params={{ shopper }}>
            {who}
          </Link>{' '}
          · <Link to="/features">all features</Link>
        </>
      }
      actions={
        <SegmentedControl
          aria-label="Which features"
          value={all ? 'all' : 'known'}
          onChange={(value) => void navigate({ search: { all: value === 'all' || undefined }, replace: true })}
          data={[
            { value: 'known', label: 'Known' },
            { value: 'all', label: 'All' },
          ]}
        />
      }
    >
      <Loaded of={asked} height={640}>
        {({ features }) => <Values features={features.filter(({ known }) => all || known)} />}
      </Loaded>
    </Page>
  )
}

function Values({ features }: { features: PersonFeature[] }) {
  const now = useNow(10_000)
  if (features.length === 0) {
    return (
      <section className="card block" aria-label="Features">
        <p className="dim">Nothing is known now. What they search for, look at, buy and visit is folded here, as far as they consent.</p>
      </section>
    )
  }
  return (
    <ul className="known">
      {features.map((f) => (
        <li key={f.name} className="card block" aria-label={f.name}>
          <div className="between">
            <code>{f.name}</code>
            {f.type !== 'numbers' && <span className="strong num">{f.known || f.missing !== 0 ? shown(f) : '–'}</span>}
          </div>
          {f.doc && <p className="dim small">{f.doc}</p>}
          <Groups feature={f} />
          <dl className="facts small num">
            {f.at && (
              <div className="between">
                <dt>Newest event</dt>
                <dd title={dateTime(f.at)}>
                  {ago(f.at, now)}
                  {f.source ? ` · ${f.source}` : ''}
                </dd>
              </div>
            )}
            <div className="between">
              <dt>Looks at</dt>
              <dd>{f.looks}</dd>
            </div>
            {f.known && (
              <div className="between">
                <dt>Forgotten</dt>
                <dd title={f.expires && dateTime(f.expires)}>{f.expires ? `in ${span(Math.max(0, Date.parse(f.expires) - now))}, if nothing comes` : 'never'}</dd>
              </div>
            )}
            {f.consent && (
              <div className="between">
                <dt>Consent</dt>
                <dd>{f.refused ? `not given: ${purposeWord[f.consent].toLowerCase()}` : purposeWord[f.consent]}</dd>
              </div>
            )}
          </dl>
        </li>
      ))}
    </ul>
  )
}

const never = 1e6 // hours, which says that there was none

const shown = ({ aggregate, value }: PersonFeature) => (aggregate === 'since' && value === never ? 'never' : featureText(value))

/** How a feature's groups stand to one another: the longest bar is the greatest. */
function Groups({ feature: { type, value } }: { feature: PersonFeature }) {
  if (type !== 'numbers') return null
  const groups = bars(value)
  if (groups.length === 0) return <p className="dim small">no group yet</p>
  return (
    <ul className="bars small">
      {groups.slice(0, most).map(({ key, n, share }) => (
        <li key={key}>
          <span className="cut" title={key}>
            {key}
          </span>
          <i aria-hidden="true">
            <i style={{ width: `${share * 100}%` }} />
          </i>
          <span className="num strong">{featureText(n)}</span>
        </li>
      ))}
      {groups.length > most && <li className="dim">and {groups.length - most} more</li>}
    </ul>
  )
}

const most = 8
