import { useDetach, useMay, usePersonIdentity, useSeparate, type Identifier, type PersonIdentity } from '@aisle/api'
import { dateTime, day } from '@aisle/ui'
import { Button } from '@mantine/core'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { AtSign, Cookie, IdCard, Phone, ScanFace, Smartphone, Tag, UserRound, type LucideIcon } from 'lucide-react'
import type { ReactNode } from 'react'
import { Loaded } from '../Page'
import { done, failed } from '../say'
import { t as house } from '../words'
import { drawing, identifierWord, line, type MergedPlace, type Tie } from './ties'
import { t } from './words'
import './people.css'

const signs: Record<string, LucideIcon> = { customer_id: IdCard, phone: Phone, email: AtSign, app_install: Smartphone, face: ScanFace, tag: Tag, cookie: Cookie }

const tieWords = ({ type, value }: Tie) => t.line.known(identifierWord(type), value)

/** Why each identifier is the shopper's: which event tied it, or who brought it by turning out to be them. */
export function WhoIsWho({ shopper, name }: { shopper: string; name: string | undefined }) {
  const asked = usePersonIdentity(shopper)
  return (
    <section className="card" aria-label={t.who.title}>
      <div className="card-head">
        <h2>{t.who.title}</h2>
        <span className="dim">{t.who.note}</span>
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

function Graph({ identity, name }: { identity: PersonIdentity; name: string | undefined }) {
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
            {(name ?? identity.label).slice(0, 2)}
          </span>
          <span>
            <span className="strong cut">{name ?? t.unnamed(identity.label)}</span>
            {identity.since && <span className="dim small cut">{t.who.since(day(identity.since))}</span>}
          </span>
        </div>
        <ul aria-label={t.who.merged}>
          {merged.map((place) => (
            <li key={place.merged.shopper} style={{ top: place.y }} className="tie tie-merged">
              <Face may={may} label={t.who.takeApartLabel(place.merged.label)} onClick={() => takeApart(place)}>
                <UserRound size={14} aria-hidden="true" />
                <span>
                  <span className="strong cut">{place.merged.label}</span>
                  <span className="dim small cut">
                    {place.merged.at ? t.who.mergedOn(day(place.merged.at)) : t.who.mergedEver}
                    {place.others.length > 0 && t.who.with(place.others.map(({ label }) => label).join(t.comma))}
                  </span>
                </span>
                {may && <span className="tie-act">{t.who.takeApart}</span>}
              </Face>
            </li>
          ))}
        </ul>
        <ul aria-label={t.who.identifiers}>
          {identifiers.map(({ tie, y }) => {
            const Sign = signs[tie.type] ?? Tag
            return (
              <li key={`${tie.type} ${tie.value}`} style={{ top: y }} className="tie tie-identifier">
                <Face may={may && identifiers.length > 1} label={t.who.moveOutLabel(tieWords(tie))} onClick={() => moveOut(tie)}>
                  <Sign size={14} aria-hidden="true" />
                  <span>
                    <span className="cut">
                      <span className="dim">{identifierWord(tie.type)}</span> <bdi className="strong">{tie.value}</bdi>
                    </span>
                    <span className="dim small cut">
                      {tie.since ? dateTime(tie.since) : t.who.unknownSince}
                      {tie.source ? ` · ${tie.source}` : ''}
                    </span>
                  </span>
                  {may && identifiers.length > 1 && <span className="tie-act">{t.who.moveOut}</span>}
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
      <li>{t.who.consequences.counted}</li>
      <li>{t.who.consequences.address}</li>
      <li>{t.who.consequences.stay}</li>
    </ul>
  )
}

function useTakeApart(identity: PersonIdentity) {
  const separate = useSeparate()
  return ({ merged, others }: MergedPlace) => {
    const leaving = identity.identifiers.filter(({ from }) => from === merged.shopper)
    modals.openConfirmModal({
      title: t.who.apart.title(merged.label, identity.label),
      children: (
        <Consequences>
          <li>{t.who.apart.goes(leaving.map(tieWords), merged.label, others.map(({ label }) => label))}</li>
          <li>{t.who.apart.consents}</li>
        </Consequences>
      ),
      labels: { confirm: t.who.apart.doIt, cancel: house.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        void separate.mutateAsync({ shopper: identity.shopper, who: merged.shopper }).then(({ identifiers }) => done(t.who.apart.done(merged.label, identifiers)), failed),
    })
  }
}

function useMoveOut(identity: PersonIdentity) {
  const detach = useDetach()
  return (tie: Tie) => {
    const { type, value } = tie
    modals.openConfirmModal({
      title: t.who.out.title(tieWords(tie)),
      children: (
        <Consequences>
          <li>{t.who.out.consents}</li>
        </Consequences>
      ),
      labels: { confirm: t.who.out.doIt, cancel: house.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        void detach.mutateAsync({ shopper: identity.shopper, identifier: { type, value } as Identifier }).then(() => done(t.who.out.done(tieWords(tie))), failed),
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
            {t.who.not}{' '}
            <Link to="/people/$shopper" params={{ shopper }}>
              {name ?? t.unnamed(label)}
            </Link>
            <span className="dim">{t.who.notSince(dateTime(since))}</span>
          </span>
          {unfinished && may && (
            <Button variant="default" size="compact-xs" loading={separate.isPending} onClick={() => separate.mutate({ shopper: identity.shopper, who: shopper }, { onError: failed })}>
              {t.who.unfinished}
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
        <span className="dim">{t.who.nested(into?.label ?? '', one.at ? dateTime(one.at) : '', one.identifiers)}</span>
      </span>
      {may && (
        <Button variant="default" size="compact-xs" onClick={() => takeApart({ merged: one, others: [], y: 0 })}>
          {t.who.takeApart}
        </Button>
      )}
    </li>
  )
}
