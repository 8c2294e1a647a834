import { usePersonFeatures, type PersonFeature } from '@aisle/api'
import { ago, dateTime, featureText, purposeWord, span, useNow, worded } from '@aisle/ui'
import { SegmentedControl } from '@mantine/core'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Loaded, Page } from '../Page'
import { bars } from './say'
import { t } from './words'
import './features.css'

const route = getRouteApi('/shell/people/$shopper/features')

/** Every feature of one shopper: what it says, from when that is, and for how long. */
export default function PersonFeaturesPage() {
  const { shopper } = route.useParams()
  const { all } = route.useSearch()
  const navigate = route.useNavigate()
  const asked = usePersonFeatures(shopper)
  const who = asked.data ? asked.data.name || t.person.shopper(asked.data.label) : t.person.nobody
  return (
    <Page
      title={t.person.title(who)}
      note={
        <>
          <Link to="/people/$shopper" params={{ shopper }}>
            {who}
          </Link>{' '}
          · <Link to="/features">{t.person.allFeatures}</Link>
        </>
      }
      actions={
        <SegmentedControl
          aria-label={t.person.which}
          value={all ? 'all' : 'known'}
          onChange={(value) => void navigate({ search: { all: value === 'all' || undefined }, replace: true })}
          data={[
            { value: 'known', label: t.person.known },
            { value: 'all', label: t.person.all },
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
      <section className="card block" aria-label={t.person.label}>
        <p className="dim">{t.person.none}</p>
      </section>
    )
  }
  return (
    <ul className="known">
      {features.map((f) => (
        <li key={f.name} className="card block" aria-label={f.name}>
          <div className="between">
            <code dir="ltr">{f.name}</code>
            {f.type !== 'numbers' && <span className="strong num">{f.known || f.missing !== 0 ? shown(f) : '–'}</span>}
          </div>
          {f.doc && <p className="dim small" dir="auto">{worded(f.doc)}</p>}
          <Groups feature={f} />
          <dl className="facts small num">
            {f.at && (
              <div className="between">
                <dt>{t.person.newest}</dt>
                <dd title={dateTime(f.at)}>
                  {ago(f.at, now)}
                  {f.source ? ` · ${f.source}` : ''}
                </dd>
              </div>
            )}
            <div className="between">
              <dt>{t.person.looks}</dt>
              <dd dir="auto">{worded(f.looks)}</dd>
            </div>
            {f.known && (
              <div className="between">
                <dt>{t.person.forgotten}</dt>
                <dd title={f.expires && dateTime(f.expires)}>{f.expires ? t.person.forgottenIn(span(Math.max(0, Date.parse(f.expires) - now))) : t.person.never}</dd>
              </div>
            )}
            {f.consent && (
              <div className="between">
                <dt>{t.person.consent}</dt>
                <dd>{f.refused ? t.person.refused(purposeWord(f.consent)) : purposeWord(f.consent)}</dd>
              </div>
            )}
          </dl>
        </li>
      ))}
    </ul>
  )
}

const never = 1e6 // hours, which says that there was none

const shown = ({ aggregate, value }: PersonFeature) => (aggregate === 'since' && value === never ? t.person.never : featureText(value))

/** How a feature's groups stand to one another: the longest bar is the greatest. */
function Groups({ feature: { type, value } }: { feature: PersonFeature }) {
  if (type !== 'numbers') return null
  const groups = bars(value)
  if (groups.length === 0) return <p className="dim small">{t.person.noGroup}</p>
  return (
    <ul className="bars small">
      {groups.slice(0, most).map(({ key, n, share }) => (
        <li key={key}>
          <span className="cut" dir="auto" title={key}>
            {key}
          </span>
          <i aria-hidden="true">
            <i style={{ width: `${share * 100}%` }} />
          </i>
          <span className="num strong">{featureText(n)}</span>
        </li>
      ))}
      {groups.length > most && <li className="dim">{t.person.more(groups.length - most)}</li>}
    </ul>
  )
}

const most = 8
