import './why.css'
import type { Campaign, Candidate, Decision, DecisionDetail, Purpose } from '@aisle/api'
import { clockMillis, decimal, millis, money, percent, span, fromNanos, plural } from '../format'
import { CopyId, RawJson } from '../parts'
import { channelWord, exclusionWord, purposeWord, sensorWord, triggerWord } from '../words'
import { behind, featureText, inWords, journey, says } from './journey'

/** Why this shopper got this offer, or none: everything that the decision looked at, and what followed. */
export function Why({ detail, timeZone }: { detail: DecisionDetail; timeZone?: string | undefined }) {
  const { decision, campaign } = detail
  const candidates = decision.candidates ?? []
  const running = candidates.filter(({ out, fallback }) => !out && !fallback)
  const out = candidates.filter(({ out }) => out)
  return (
    <div className="why">
      <section aria-label="In words">
        <p className="why-lead">{inWords(detail)}</p>
      </section>
      <Way detail={detail} timeZone={timeZone} />
      {running.length > 0 && <Running candidates={running} chosen={decision} />}
      {out.length > 0 && <Out candidates={out} />}
      {decision.placement && <PlacedHere decision={decision} />}
      <Consents given={decision.consents} />
      <Happened detail={detail} />
      <Features features={decision.features ?? {}} />
      {campaign && <Rules campaign={campaign} />}
      <Names detail={detail} />
    </div>
  )
}

function Way({ detail, timeZone }: { detail: DecisionDetail; timeZone: string | undefined }) {
  return (
    <section>
      <h2>
        From the event to the phone
        {detail.latency_ms !== undefined && <span className="num">{millis(detail.latency_ms)} from our door to the phone</span>}
      </h2>
      <ol className="why-way num">
        {journey(detail).map((stop, i) => (
          <li key={i} data-tone={stop.tone}>
            <b>{stop.tookMs === undefined ? 'Start' : `+${millis(stop.tookMs)}`}</b>
            <p>{stop.name}</p>
            <time>{clockMillis(stop.at, timeZone)}</time>
            {stop.detail && <small>{stop.detail}</small>}
          </li>
        ))}
      </ol>
    </section>
  )
}

const scores: { head: string; says: string; of: (candidate: Candidate) => string }[] = [
  { head: 'C', says: 'Context weight, set by the campaign', of: ({ weight = 0 }) => weight.toFixed(2) },
  { head: 'V', says: 'Value: what a redemption is worth to the shop', of: ({ value = 0 }) => decimal(value) },
  { head: 'L', says: 'Lever: the thumb on the scale, set by the campaign', of: ({ lever = 0 }) => lever.toFixed(2) },
  { head: 'R', says: 'Reach: 1 at the offer’s zone, less farther away', of: ({ reach = 0 }) => reach.toFixed(2) },
]

function Running({ candidates, chosen }: { candidates: Candidate[]; chosen: Decision }) {
  return (
    <section>
      <h2>
        In the running
        <span>P × C × V × L × R is the score; better scores are drawn more often{chosen.off?.length ? `. Switched off, so that it counts 1: ${chosen.off.join(', ')}` : ''}</span>
      </h2>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="why-scroll" tabIndex={0} role="region" aria-label="Scores of the offers in the running">
        <table className="why-table num">
          <thead>
            <tr>
              <th scope="col">Offer</th>
              <th scope="col">
                <abbr title="Propensity: the chance that the shopper takes it, as the model has learned, and how sure it is">P</abbr>
              </th>
              {scores.map(({ head, says }) => (
                <th scope="col" key={head}>
                  <abbr title={says}>{head}</abbr>
                </th>
              ))}
              <th scope="col">Score</th>
              <th scope="col">Drawn with</th>
            </tr>
          </thead>
          <tbody>
            {candidates.map((candidate) => (
              <tr key={`${candidate.campaign} ${candidate.offer}`} data-chosen={isChosen(candidate, chosen) || undefined}>
                <td>
                  <span className="strong">{candidate.title || candidate.name}</span>
                  <br />
                  <span className="dim small">
                    {isChosen(candidate, chosen) ? (chosen.verdict === 'held_out' ? 'Would have been made · ' : 'Made · ') : ''}
                    {candidate.name}
                  </span>
                  {behind(candidate, candidates[0]) && <span className="why-behind faint small">{behind(candidate, candidates[0])}</span>}
                </td>
                <td>
                  {percent(candidate.propensity ?? 0)}
                  {candidate.uncertainty !== undefined && <span className="faint"> ±{percent(candidate.uncertainty)}</span>}
                </td>
                {scores.map(({ head, of }) => (
                  <td key={head}>{of(candidate)}</td>
                ))}
                <td>{(candidate.score ?? 0).toFixed(3)}</td>
                <td>
                  <span className="why-share">
                    <i aria-hidden="true">
                      <b style={{ width: percent(candidate.probability ?? 0) }} />
                    </i>
                    <span>{percent(candidate.probability ?? 0)}</span>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

const isChosen = (candidate: Candidate, { campaign, offer }: Decision) =>
  campaign === candidate.campaign && (offer === undefined || offer.id === candidate.offer)

/** What a page or screen was answered. */
function PlacedHere({ decision: { placement = '', placed = [], fallback, told = {} } }: { decision: Decision }) {
  const says = Object.entries(told)
  return (
    <section>
      <h2>
        What was shown in <code>{placement}</code>
        <span>{fallback ? 'the fallback: nothing else could be shown' : 'in this order'}</span>
      </h2>
      {placed.length === 0 && <p className="dim small">Nothing: this placement has no fallback.</p>}
      <ol className="why-out">
        {placed.map(({ campaign, offer, representation, probability }) => (
          <li key={`${campaign} ${offer.id}`}>
            <span>
              <span className="strong">{representation.title || offer.title}</span>
              {representation.text && <span className="dim"> · {representation.text}</span>}
            </span>
            <span className="num dim">{fallback ? 'for everybody' : `drawn with ${percent(probability)}`}</span>
          </li>
        ))}
      </ol>
      {says.length > 0 && <p className="dim small">The page said: {says.map(([key, value]) => `${key} ${value}`).join(', ')}.</p>}
    </section>
  )
}

function Out({ candidates }: { candidates: Candidate[] }) {
  return (
    <section>
      <h2>
        Why not the others
        <span>the first reason that applied</span>
      </h2>
      <ul className="why-out">
        {candidates.map((candidate, i) => (
          <li key={i}>
            <span>
              <span className="strong">{candidate.title || candidate.name}</span>
              {candidate.title && <span className="dim"> · {candidate.name}</span>}
            </span>
            <span className="tag">{exclusionWord(candidate.out ?? '')}</span>
            {candidate.detail && <p>{candidate.detail}</p>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function Consents({ given }: { given: Purpose[] | undefined }) {
  return (
    <section>
      <h2>
        Consents at that moment
        <span>nothing is used without one</span>
      </h2>
      {given?.length ? (
        <p className="why-yes">
          {given.map((purpose) => (
            <span key={purpose} className="status" data-tone="good">
              {purposeWord[purpose]}
            </span>
          ))}
        </p>
      ) : (
        <p className="dim small">None are on record with this decision.</p>
      )}
    </section>
  )
}

function Happened({ detail }: { detail: DecisionDetail }) {
  const { decision, event } = detail
  const { context } = decision
  const facts: [string, string | undefined][] = [
    ['What', triggerWord(decision.trigger)],
    ['Where', [detail.zone_name ?? decision.zone, detail.shop_name ?? decision.shop].filter(Boolean).join(', ') || undefined],
    ['How long', event?.dwell_ns ? span(fromNanos(event.dwell_ns)) : undefined],
    ['Searched for', event?.query],
    ['Product', event?.title ?? event?.product],
    ['Worth', event?.value ? money(event.value) : undefined],
    ['Sure of it', event?.confidence === undefined ? undefined : percent(event.confidence, 0)],
    ['Seen by', context.senses?.map((sense) => sensorWord[sense] ?? sense).join(', ') || undefined],
    ['Searched lately', context.searched?.join(', ') || undefined],
    ['Loyalty tier', context.tier],
    ['Told by', event?.source],
  ]
  return (
    <section>
      <h2>What woke it</h2>
      <dl className="why-features">
        {facts.map(([name, value]) => value && <div key={name}><dt style={{ fontFamily: 'inherit' }}>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      {event && <RawJson value={event} label="The event as JSON" />}
    </section>
  )
}

function Features({ features }: { features: Record<string, unknown> }) {
  const all = Object.entries(features).toSorted(([a], [b]) => a.localeCompare(b))
  const telling = all.filter(([, value]) => says(value))
  const silent = all.length - telling.length
  return (
    <section>
      <h2>
        What was known of the shopper
        <span>exactly as the decision saw it</span>
      </h2>
      {telling.length > 0 && (
        <dl className="why-features">
          {telling.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd className="num">{featureText(value)}</dd>
            </div>
          ))}
        </dl>
      )}
      {all.length === 0 && <p className="dim small">Nothing: this shopper was new.</p>}
      {silent > 0 && <p className="faint small">{plural(silent, 'more was', 'more were')} at nought.</p>}
    </section>
  )
}

function Rules({ campaign }: { campaign: Campaign }) {
  const rules: [string, string | undefined][] = [
    ['May they?', campaign.eligibility],
    ['Does it make sense now?', campaign.applicability],
    ['Should we?', campaign.suitability],
  ]
  const written = rules.filter(([, rule]) => rule)
  return (
    <section>
      <h2>
        The campaign’s rules
        <span>version {campaign.version}, as it is now</span>
      </h2>
      {written.length === 0 && <p className="dim small">It has none: everybody who wakes it may get it.</p>}
      <div className="why-rules">
        {written.map(([question, rule]) => (
          <div key={question}>
            <p className="dim small">{question}</p>
            <pre>{rule}</pre>
          </div>
        ))}
      </div>
    </section>
  )
}

function Names({ detail }: { detail: DecisionDetail }) {
  const { decision, trace_id } = detail
  const names: [string, string | undefined][] = [
    ['Decision', decision.id],
    ['Trace', trace_id],
    ['Shopper', decision.shopper],
    ['Event', decision.event],
    ['Campaign', decision.campaign],
    ['Model', decision.model],
  ]
  return (
    <section>
      <h2>Names</h2>
      <dl className="why-features">
        {names.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt style={{ fontFamily: 'inherit' }}>{name}</dt>
                <dd className="cut">
                  <CopyId value={value} label={`${name.toLowerCase()} id`} />
                </dd>
              </div>
            ),
        )}
        {decision.channels?.length ? (
          <div>
            <dt style={{ fontFamily: 'inherit' }}>Channels</dt>
            <dd>{decision.channels.map((name) => channelWord[name] ?? name).join(', ')}</dd>
          </div>
        ) : null}
      </dl>
      <RawJson value={detail} label="The decision as JSON" />
    </section>
  )
}
