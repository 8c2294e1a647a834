import './recognition.css'
import { useRecognition, type Recognition } from '@aisle/api'
import { count, decimal, plural } from '@aisle/ui'
import { NumberInput } from '@mantine/core'
import { getRouteApi } from '@tanstack/react-router'
import { Tile } from '../campaigns/CampaignTiles'
import { Loaded, Page } from '../Page'
import { CalibrationCard } from './CalibrationCard'
import { about, falseNames } from './curve'
import { EnrolledTable } from './EnrolledTable'

/** Who asked to be recognised, by which consent, and how far cameras can be trusted to know them. */
export default function RecognitionPage() {
  return (
    <Page title="Recognition" note="Who asked to be recognised by camera, and how far the cameras can be trusted with it.">
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
          <strong>There is no check that a living person stands before the camera:</strong> a photo of somebody may count as them. Nothing is paid or redeemed by a face alone.
        </p>
        {curve?.demo_grade && (
          <p>
            <strong>The describer {curve.model} is demonstration grade.</strong> It comes with the house and needs no model. For more than a demonstration configure a better one; those are trained on photos of people who were not asked.
          </p>
        )}
      </div>
      <div className="tiles">
        <Tile name="Enrolled" value={count(enrolled)}>
          each by a signed notice
        </Tile>
        <Tile name="Threshold in use" value={curve ? decimal(curve.chosen.threshold) : '–'}>
          {curve ? (curve.basis === 'gallery' ? 'lowered for this gallery' : 'the describer’s own') : 'no camera has told'}
        </Tile>
        <Tile name="False names a day, expected" value={names ? about(names.expected) : '–'}>
          {names ? `no more than ${about(names.most)}, by single faces` : 'no camera has told'}
        </Tile>
        <Tile name="Kept" value={`${count(keep_days)} days`}>
          after the last recognition, {count(longest_days)} at most
        </Tile>
      </div>
      {waiting > 0 && (
        <p className="dim" role="status">
          {plural(waiting, 'deletion')} {waiting === 1 ? 'waits' : 'wait'} for a camera’s process to say that it has followed.
        </p>
      )}
      <section className="card block" aria-label="Footfall">
        <div className="row" style={{ alignItems: 'flex-end', gap: 16, flexWrap: 'wrap' }}>
          <NumberInput
            label="Strangers who pass the cameras in a day"
            description={`Counted: ${count(strangers)}. Write your own to see what it would mean.`}
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
              Of {count(passing)} strangers, <strong>{about(names.expected)}</strong> would be taken for one of the {plural(curve.people, 'person', 'people')} enrolled, and no more than{' '}
              <strong>{about(names.most)}</strong>, if a single face decided. Three faces or more must agree, so there will be fewer.
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
