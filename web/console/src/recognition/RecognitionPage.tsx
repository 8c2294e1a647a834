import './recognition.css'
import { useRecognition, type Recognition } from '@aisle/api'
import { count, decimal } from '@aisle/ui'
import { NumberInput } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Tile } from '../campaigns/CampaignTiles'
import { Loaded, Page } from '../Page'
import { CalibrationCard } from './CalibrationCard'
import { about, falseNames } from './curve'
import { EnrolledTable } from './EnrolledTable'
import { t } from './words'

/** Who asked to be recognised, by which consent, and how far cameras can be trusted to know them. */
export default function RecognitionPage() {
  return (
    <Page title={t.title} note={t.note}>
      <Loaded of={useRecognition()} height={640}>
        {(recognition) => <Known recognition={recognition} />}
      </Loaded>
    </Page>
  )
}

const route = getRouteApi('/shell/recognition')

function Known({ recognition }: { recognition: Recognition }) {
  const { footfall } = route.useSearch()
  const navigate = route.useNavigate()
  const { enrolled, people, curves, strangers, waiting, keep_days, longest_days } = recognition
  const curve = curves[0]
  const passing = footfall ?? strangers
  const names = curve && falseNames(curve, passing)
  return (
    <div className="stack" style={{ gap: 16 }}>
      <div className="caution" role="note">
        <p>
          <strong>{t.caution.alive}</strong> {t.caution.aliveMore}
        </p>
        {curve?.demo_grade && (
          <p>
            <strong>{t.caution.demo(curve.model)}</strong> {t.caution.demoMore}
          </p>
        )}
      </div>
      <div className="tiles">
        <Tile name={t.tiles.enrolled} value={count(enrolled)}>
          {t.tiles.enrolledMore}
        </Tile>
        <Tile name={t.tiles.threshold} value={curve ? decimal(curve.chosen.threshold) : '–'}>
          {curve ? (curve.basis === 'gallery' ? t.tiles.lowered : t.tiles.own) : t.tiles.untold}
        </Tile>
        <Tile name={t.tiles.names} value={names && passing > 0 ? about(names.expected) : '–'}>
          {!names ? t.tiles.untold : passing > 0 ? t.tiles.namesMore(about(names.most)) : t.tiles.uncounted}
        </Tile>
        <Tile name={t.tiles.kept} value={t.tiles.keptDays(keep_days)}>
          {t.tiles.keptMore(count(longest_days))}
        </Tile>
      </div>
      {waiting > 0 && (
        <p className="dim" role="status">
          {t.waiting(waiting)}
        </p>
      )}
      <section className="card block" aria-label={t.footfall.label}>
        <div className="row" style={{ alignItems: 'flex-end', gap: 16, flexWrap: 'wrap' }}>
          <NumberInput
            label={t.footfall.strangers}
            description={t.footfall.counted(count(strangers))}
            value={passing}
            min={0}
            max={1_000_000}
            allowDecimal={false}
            thousandSeparator=" "
            w={320}
            onChange={(value) => void navigate({ search: { footfall: typeof value === 'number' ? value : undefined }, replace: true })}
          />
          {names && passing > 0 && (
            <p className="grow">
              {t.footfall.says(passing, <strong key="expected">{about(names.expected)}</strong>, curve.people, <strong key="most">{about(names.most)}</strong>)}
            </p>
          )}
        </div>
      </section>
      {curves.map((one) => (
        <CalibrationCard key={one.model} curve={one} />
      ))}
      <EnrolledTable people={people} enrolled={enrolled} />
    </div>
  )
}
