import './why.css'
import type { Campaign, Candidate, Decision, DecisionDetail, Purpose } from '@aisle/api'
import { clockMillis, decimal, fixed, fromNanos, millis, money, percent, span } from '../format'
import { CopyId, RawJson } from '../parts'
import { spoken } from '../spoken'
import { channelWord, exclusionWord, purposeWord, sensorWord, triggerWord, worded } from '../words'
import { behind, featureText, inWords, journey, says } from './journey'

/** Why this shopper got this offer, or none: everything that the decision looked at, and what followed. */
export function Why({ detail, timeZone }: { detail: DecisionDetail; timeZone?: string | undefined }) {
  const { decision, campaign } = detail
  const candidates = decision.candidates ?? []
  const running = candidates.filter(({ out, fallback }) => !out && !fallback)
  const out = candidates.filter(({ out }) => out)
  return (
    <div className="why">
      <section aria-label={spoken.why.inWords}>
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
        {spoken.why.way}
        {detail.latency_ms !== undefined && <span className="num">{spoken.why.whole(millis(detail.latency_ms))}</span>}
      </h2>
      <ol className="why-way num">
        {journey(detail).map((stop, i) => (
          <li key={i} data-tone={stop.tone}>
            <b>{stop.tookMs === undefined ? spoken.why.start : `+${millis(stop.tookMs)}`}</b>
            <p>{stop.name}</p>
            <time>{clockMillis(stop.at, timeZone)}</time>
            {stop.detail && <small>{stop.detail}</small>}
          </li>
        ))}
      </ol>
    </section>
  )
}

const scores: { head: 'C' | 'V' | 'L' | 'R'; of: (candidate: Candidate) => string }[] = [
  { head: 'C', of: ({ weight = 0 }) => fixed(weight, 2) },
  { head: 'V', of: ({ value = 0 }) => decimal(value) },
  { head: 'L', of: ({ lever = 0 }) => fixed(lever, 2) },
  { head: 'R', of: ({ reach = 0 }) => fixed(reach, 2) },
]

function Running({ candidates, chosen }: { candidates: Candidate[]; chosen: Decision }) {
  const says = spoken.why
  return (
    <section>
      <h2>
        {says.running}
        <span>{says.formula}{chosen.off?.length ? says.off(chosen.off.join(', ')) : ''}</span>
      </h2>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div className="why-scroll" tabIndex={0} role="region" aria-label={says.scores}>
        <table className="why-table num">
          <thead>
            <tr>
              <th scope="col">{says.offer}</th>
              <th scope="col">
                <abbr title={says.P}>P</abbr>
              </th>
              {scores.map(({ head }) => (
                <th scope="col" key={head}>
                  <abbr title={says[head]}>{head}</abbr>
                </th>
              ))}
              <th scope="col">{says.score}</th>
              <th scope="col">{says.drawnWith}</th>
            </tr>
          </thead>
          <tbody>
            {candidates.map((candidate) => (
              <tr key={`${candidate.campaign} ${candidate.offer}`} data-chosen={isChosen(candidate, chosen) || undefined}>
                <td>
                  <bdi className="strong">{candidate.title || candidate.name}</bdi>
                  <br />
                  <span className="dim small">
                    {isChosen(candidate, chosen) ? `${chosen.verdict === 'held_out' ? says.wouldBeMade : says.made} · ` : ''}
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
                <td>{fixed(candidate.score ?? 0, 3)}</td>
                <td>
                  <span className="why-share">
                    <i aria-hidden="true">
                      <b style={{ width: `${(candidate.probability ?? 0) * 100}%` }} />
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
  const page = Object.entries(told)
  const says = spoken.why
  return (
    <section>
      <h2>
        {says.shownIn} <code>{placement}</code>
        <span>{fallback ? says.fallback : says.inOrder}</span>
      </h2>
      {placed.length === 0 && <p className="dim small">{says.noFallback}</p>}
      <ol className="why-out">
        {placed.map(({ campaign, offer, representation, probability }) => (
          <li key={`${campaign} ${offer.id}`}>
            <span>
              <span className="strong">{representation.title || offer.title}</span>
              {representation.text && <span className="dim"> · {representation.text}</span>}
            </span>
            <span className="num dim">{fallback ? says.everybody : says.drawnBy(percent(probability))}</span>
          </li>
        ))}
      </ol>
      {page.length > 0 && <p className="dim small">{says.told(page.map(([key, value]) => `${key} ${value}`).join(', '))}</p>}
    </section>
  )
}

function Out({ candidates }: { candidates: Candidate[] }) {
  return (
    <section>
      <h2>
        {spoken.why.notOthers}
        <span>{spoken.why.firstReason}</span>
      </h2>
      <ul className="why-out">
        {candidates.map((candidate, i) => (
          <li key={i}>
            <span>
              <bdi className="strong">{candidate.title || candidate.name}</bdi>
              {candidate.title && <span className="dim"> · {candidate.name}</span>}
            </span>
            <span className="tag">{exclusionWord(candidate.out ?? '')}</span>
            {candidate.detail && <p dir="auto">{worded(candidate.detail)}</p>}
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
        {spoken.why.consents}
        <span>{spoken.why.consentsNote}</span>
      </h2>
      {given?.length ? (
        <p className="why-yes">
          {given.map((purpose) => (
            <span key={purpose} className="status" data-tone="good">
              {purposeWord(purpose)}
            </span>
          ))}
        </p>
      ) : (
        <p className="dim small">{spoken.why.noConsents}</p>
      )}
    </section>
  )
}

function Happened({ detail }: { detail: DecisionDetail }) {
  const { decision, event } = detail
  const { context } = decision
  const says = spoken.why
  const { facts } = says
  const told: [string, string | undefined][] = [
    [facts.what, triggerWord(decision.trigger)],
    [facts.where, [detail.zone_name ?? decision.zone, detail.shop_name ?? decision.shop].filter(Boolean).join(', ') || undefined],
    [facts.long, event?.dwell_ns ? span(fromNanos(event.dwell_ns)) : undefined],
    [facts.query, event?.query],
    [facts.product, event?.title ?? event?.product],
    [facts.worth, event?.value ? money(event.value) : undefined],
    [facts.sure, event?.confidence === undefined ? undefined : percent(event.confidence, 0)],
    [facts.senses, context.senses?.map(sensorWord).join(spoken.comma) || undefined],
    [facts.searched, context.searched?.join(', ') || undefined],
    [facts.tier, context.tier],
    [facts.source, event?.source],
  ]
  return (
    <section>
      <h2>{says.woke}</h2>
      <dl className="why-features">
        {told.map(([name, value]) => value && <div key={name}><dt style={{ fontFamily: 'inherit' }}>{name}</dt><dd>{value}</dd></div>)}
      </dl>
      {event && <RawJson value={event} label={says.eventJson} />}
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
        {spoken.why.features}
        <span>{spoken.why.featuresNote}</span>
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
      {all.length === 0 && <p className="dim small">{spoken.why.nothingKnown}</p>}
      {silent > 0 && <p className="faint small">{spoken.why.atNought(silent)}</p>}
    </section>
  )
}

function Rules({ campaign }: { campaign: Campaign }) {
  const rules: [string, string | undefined][] = [
    [spoken.why.may, campaign.eligibility],
    [spoken.why.sense, campaign.applicability],
    [spoken.why.should, campaign.suitability],
  ]
  const written = rules.filter(([, rule]) => rule)
  return (
    <section>
      <h2>
        {spoken.why.rules}
        <span>{spoken.why.version(campaign.version)}</span>
      </h2>
      {written.length === 0 && <p className="dim small">{spoken.why.noRules}</p>}
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
  const says = spoken.why
  const { ids } = says
  const names: [string, string | undefined][] = [
    [ids.decision, decision.id],
    [ids.trace, trace_id],
    [ids.shopper, decision.shopper],
    [ids.event, decision.event],
    [ids.campaign, decision.campaign],
    [ids.model, decision.model],
  ]
  return (
    <section>
      <h2>{says.names}</h2>
      <dl className="why-features">
        {names.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt style={{ fontFamily: 'inherit' }}>{name}</dt>
                <dd className="cut">
                  <CopyId value={value} label={says.idOf(name)} />
                </dd>
              </div>
            ),
        )}
        {decision.channels?.length ? (
          <div>
            <dt style={{ fontFamily: 'inherit' }}>{says.channels}</dt>
            <dd>{decision.channels.map(channelWord).join(spoken.comma)}</dd>
          </div>
        ) : null}
      </dl>
      <RawJson value={detail} label={says.json} />
    </section>
  )
}
