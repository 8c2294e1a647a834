import { useDetach, useMay, usePersonIdentity, useSeparate, type Identifier, type PersonIdentity } from '@aisle/api'
import { dateTime, day, plural } from '@aisle/ui'
import { Button } from '@mantine/core'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { AtSign, Cookie, IdCard, Phone, ScanFace, Smartphone, Tag, UserRound, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Loaded } from '../Page'
import { done, failed } from '../say'
import { drawing, identifierWord, line, type MergedPlace, type Tie } from './ties'
import './people.css'

const signs: Record<string, LucideIcon> = { customer_id: IdCard, phone: Phone, email: AtSign, app_install: Smartphone, face: ScanFace, tag: Tag, cookie: Cookie }

/** Why each identifier is the shopper's: which event tied it, or who brought it by turning out to be them. */
export function WhoIsWho({ shopper, name }: { shopper: string; name: string }) {
  const asked = usePersonIdentity(shopper)
  return (
    <section className="card" aria-label="Who is who">
      <div className="card-head">
        <h2>Who is who</h2>
        <span className="dim">what this shopper is known by, and why</span>
      </div>
      <Loaded of={asked} height={180}>
        {(identity) => (
          <>
            <Graph identity={identity} name={name} />
            <Apart identity={identity} />
          </>
        )}
      </Loaded>
    </section>
  )
}

/** The three columns, and the lines between them, in hundredths of the width. */
const columns = { person: 21, merged: [27, 55], identifiers: 61 } as const

function Graph({ identity, name }: { identity: PersonIdentity; name: string }) {
  const may = useMay('admin', 'marketer')
  const { height, person, merged, identifiers } = drawing(identity)
  const takeApart = useTakeApart(identity)
  const moveOut = useMoveOut(identity)
  const [left, right] = columns.merged
  return (
    <div className="ties-scroll">
      <div className="ties" style={{ height }}>
        <svg aria-hidden="true" viewBox={`0 0 100 ${height}`} preserveAspectRatio="none">
          {merged.map(({ merged: { shopper }, y }) => (
            <path key={shopper} d={line(columns.person, person, left, y)} data-merge="" />
          ))}
          {identifiers.map(({ tie, from, y }) => (
            <path
              key={`${tie.type} ${tie.value}`}
              d={from < 0 ? line(columns.person, person, columns.identifiers, y) : line(right, from, columns.identifiers, y)}
              data-merge={from < 0 ? undefined : ''}
            />
          ))}
        </svg>
        <div className="tie tie-person" style={{ top: person }}>
          <span className="avatar" aria-hidden="true">
            {name.replace(/^Shopper /, '').slice(0, 2)}
          </span>
          <span>
            <span className="strong cut">{name}</span>
            {identity.since && <span className="dim small cut">since {day(identity.since)}</span>}
          </span>
        </div>
        <ul aria-label="Who turned out to be this shopper">
          {merged.map((place) => (
            <li key={place.merged.shopper} style={{ top: place.y }} className="tie tie-merged">
              <Face may={may} label={`Take ${place.merged.label} apart`} onClick={() => takeApart(place)}>
                <UserRound size={14} aria-hidden="true" />
                <span>
                  <span className="strong cut">{place.merged.label}</span>
                  <span className="dim small cut">
                    {place.merged.at ? `merged ${day(place.merged.at)}` : 'merged'}
                    {place.others.length > 0 ? `, with ${place.others.map(({ label }) => label).join(', ')}` : ''}
                  </span>
                </span>
                {may && <span className="tie-act">Take apart</span>}
              </Face>
            </li>
          ))}
        </ul>
        <ul aria-label="Identifiers">
          {identifiers.map(({ tie, y }) => {
            const Sign = signs[tie.type] ?? Tag
            return (
              <li key={`${tie.type} ${tie.value}`} style={{ top: y }} className="tie tie-identifier">
                <Face may={may && identifiers.length > 1} label={`Move ${identifierWord[tie.type] ?? tie.type} ${tie.value} out`} onClick={() => moveOut(tie)}>
                  <Sign size={14} aria-hidden="true" />
                  <span>
                    <span className="cut">
                      <span className="dim">{identifierWord[tie.type] ?? tie.type}</span> <span className="strong">{tie.value}</span>
                    </span>
                    <span className="dim small cut">
                      {tie.since ? dateTime(tie.since) : 'before it was kept when'}
                      {tie.source ? ` · ${tie.source}` : ''}
                    </span>
                  </span>
                  {may && identifiers.length > 1 && <span className="tie-act">Move out</span>}
                </Face>
              </li>
            )
          })}
        </ul>
      </div>
    </div>
  )
}

/** What can be done to something drawn: a button for who may, else only drawn. */
function Face({ may, label, onClick, children }: { may: boolean; label: string; onClick: () => void; children: ReactNode }) {
  if (!may) return <div className="tie-face">{children}</div>
  return (
    <button type="button" className="tie-face" aria-label={label} onClick={onClick}>
      {children}
    </button>
  )
}

/** What taking apart does, whatever leaves. */
function Consequences({ children }: { children: ReactNode }) {
  return (
    <ul className="consequences">
      {children}
      <li>From now on, what these do is counted for themselves. What was counted before stays here: nobody can tell any more whose it was.</li>
      <li>An address that goes is not written to here any more.</li>
      <li>The two do not become one again by themselves; you can say so on the page of people.</li>
    </ul>
  )
}

function useTakeApart(identity: PersonIdentity) {
  const separate = useSeparate()
  return ({ merged, others }: MergedPlace) => {
    const leaving = identity.identifiers.filter(({ from }) => from === merged.shopper)
    modals.openConfirmModal({
      title: `Take ${merged.label} apart from ${identity.label}?`,
      children: (
        <Consequences>
          <li>
            {leaving.length === 0 ? 'No identifier goes' : `${plural(leaving.length, 'identifier')} ${leaving.length === 1 ? 'goes' : 'go'}`} back to {merged.label}
            {leaving.length > 0 && `: ${leaving.map(({ type, value }) => `${identifierWord[type] ?? type} ${value}`).join(', ')}`}
            {others.length > 0 && `. ${others.map(({ label }) => label).join(' and ')} ${others.length === 1 ? 'goes' : 'go'} along`}.
          </li>
          <li>Both have the consents that they had given before. What was agreed to since stays here, what was refused since holds for both. Nobody gets a yes that they did not give.</li>
        </Consequences>
      ),
      labels: { confirm: 'Take apart', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        separate.mutate(
          { shopper: identity.shopper, who: merged.shopper },
          { onSuccess: ({ identifiers }) => done(`${merged.label} is a shopper of their own again, with ${plural(identifiers, 'identifier')}.`), onError: failed },
        ),
    })
  }
}

function useMoveOut(identity: PersonIdentity) {
  const detach = useDetach()
  return ({ type, value }: Tie) => {
    const word = identifierWord[type] ?? type
    modals.openConfirmModal({
      title: `Move ${word} ${value} out?`,
      children: (
        <Consequences>
          <li>It becomes a shopper of its own, who has agreed to nothing yet. Refusals hold there too.</li>
        </Consequences>
      ),
      labels: { confirm: 'Move it out', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        detach.mutate(
          { shopper: identity.shopper, identifier: { type, value } as Identifier },
          { onSuccess: () => done(`${word} ${value} is a shopper of its own now.`), onError: failed },
        ),
    })
  }
}

/** Whom the shopper is not, by what somebody said. */
function Apart({ identity }: { identity: PersonIdentity }) {
  const may = useMay('admin', 'marketer')
  const separate = useSeparate()
  const nested = identity.merged.filter(({ into }) => into !== identity.shopper)
  if (identity.apart.length + nested.length === 0) return null
  return (
    <ul className="apart">
      {nested.map((one) => (
        <NestedRow key={one.shopper} identity={identity} one={one} />
      ))}
      {identity.apart.map(({ shopper, label, name, since, unfinished }) => (
        <li key={shopper} className="between">
          <span>
            Not{' '}
            <Link to="/people/$shopper" params={{ shopper }}>
              {name ?? `Shopper ${label}`}
            </Link>
            <span className="dim"> since {dateTime(since)}: they do not merge by themselves</span>
          </span>
          {unfinished && may && (
            <Button variant="default" size="compact-xs" loading={separate.isPending} onClick={() => separate.mutate({ shopper: identity.shopper, who: shopper }, { onError: failed })}>
              Not finished: go on
            </Button>
          )}
        </li>
      ))}
    </ul>
  )
}

function NestedRow({ identity, one }: { identity: PersonIdentity; one: PersonIdentity['merged'][number] }) {
  const may = useMay('admin', 'marketer')
  const takeApart = useTakeApart(identity)
  const into = identity.merged.find(({ shopper }) => shopper === one.into)
  return (
    <li className="between">
      <span>
        <span className="strong">{one.label}</span>
        <span className="dim">
          {' '}
          had turned out to be {into?.label ?? 'one of these'}
          {one.at ? ` ${dateTime(one.at)}` : ''}, with {plural(one.identifiers, 'identifier')}
        </span>
      </span>
      {may && (
        <Button variant="default" size="compact-xs" onClick={() => takeApart({ merged: one, others: [], y: 0 })}>
          Take apart
        </Button>
      )}
    </li>
  )
}
