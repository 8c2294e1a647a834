import { Problem, useLive, usePersonCard, type PersonCard } from '@aisle/api'
import { ago, clock, decisionState, Empty, exclusionWord, Failure, percent, purposeWord, Skeleton, Status } from '@aisle/ui'
import { Drawer } from '@mantine/core'
import { Check, ExternalLink, X } from 'lucide-react'
import { useServerNow } from './clock'
import { halves, mayBeSaid, notMentioned, presence, whyThem } from './presence'
import { t } from './words'

interface PersonDrawerProps {
  shopper: string | undefined
  onClose: () => void
  onWhy: (decision: string) => void
}

/** What a colleague may know of somebody who is in the shop now. */
export function PersonDrawer({ shopper, onClose, onWhy }: PersonDrawerProps) {
  const shop = useLive((live) => live.shop?.id)
  return (
    <Drawer opened={shopper !== undefined} onClose={onClose} position="right" size={440} title={t.person.title} closeButtonProps={{ 'aria-label': t.close }} padding="lg">
      {shopper !== undefined && shop !== undefined && <Card shop={shop} shopper={shopper} onWhy={onWhy} />}
    </Drawer>
  )
}

function Card({ shop, shopper, onWhy }: { shop: string; shopper: string; onWhy: (decision: string) => void }) {
  const { data, error, refetch } = usePersonCard(shop, shopper)
  if (error instanceof Problem && error.status === 404) return <Empty title={t.person.left}>{t.person.leftMore}</Empty>
  if (error && !data) return <Failure error={error} retry={refetch} />
  if (!data) {
    return (
      <div className="stack" aria-busy="true">
        <Skeleton height={44} />
        <Skeleton height={90} />
        <Skeleton height={140} />
      </div>
    )
  }
  const { who, says, tone } = presence(data.person)
  return (
    <div className="stack person">
      <div className="between">
        <div className="row">
          <span className="avatar" aria-hidden="true">
            {(data.person.name ?? data.person.label ?? '').slice(0, 2)}
          </span>
          <div className="cut">
            <h3 className="cut">{who}</h3>
            <p className="dim small cut">{data.help.zone_name || t.person.between}</p>
          </div>
        </div>
        <span className="status" data-tone={tone}>
          {says}
        </span>
      </div>
      <Witnesses card={data} />
      <Words title={t.person.why} words={whyThem(data.help)} none={t.person.noWhy} />
      <Words title={t.person.say} words={mayBeSaid(data.help)} tone="good" />
      <Words title={t.person.notMention} words={notMentioned(data.help)} tone="bad" />
      <Consents card={data} />
      <Decisions card={data} onWhy={onWhy} />
      <a className="row small" href={`/console/people/${encodeURIComponent(shopper)}`}>
        <ExternalLink size={13} aria-hidden /> {t.console}
      </a>
    </div>
  )
}

/** The rule of two witnesses, and how far it is met. */
function Witnesses({ card: { person } }: { card: PersonCard }) {
  return (
    <section aria-label={t.person.witnesses}>
      <h4>{t.person.witnesses}</h4>
      <ul className="witnesses">
        {halves(person).map(({ kind, seen, words }) => (
          <li key={kind} data-seen={seen || undefined}>
            {seen ? <Check size={14} aria-hidden /> : <X size={14} aria-hidden />}
            <span>{words}</span>
          </li>
        ))}
      </ul>
      <p className="dim small num">
        {person.probability ? t.person.together(percent(person.probability, 0)) : t.person.rule}
      </p>
    </section>
  )
}

function Words({ title, words, tone, none }: { title: string; words: string[]; tone?: 'good' | 'bad'; none?: string }) {
  return (
    <section aria-label={title}>
      <h4>{title}</h4>
      {words.length === 0 ? <p className="dim">{none}</p> : (
        <ul className="words" data-tone={tone}>
          {words.map((word) => (
            <li key={word}>{word}</li>
          ))}
        </ul>
      )}
    </section>
  )
}

function Consents({ card: { consents } }: { card: PersonCard }) {
  return (
    <section aria-label={t.person.consents}>
      <h4>{t.person.consents}</h4>
      <ul className="consents">
        {consents.map(({ purpose, granted }) => (
          <li key={purpose} data-granted={granted || undefined}>
            {granted ? <Check size={13} aria-hidden /> : <X size={13} aria-hidden />}
            {purposeWord(purpose)}
            <span className="hidden">{`: ${granted ? t.person.yes : t.person.no}`}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Decisions({ card: { decisions }, onWhy }: { card: PersonCard; onWhy: (decision: string) => void }) {
  const timeZone = useLive((live) => live.shop?.time_zone)
  const now = useServerNow(5_000)
  return (
    <section aria-label={t.person.decided}>
      <h4>{t.person.decidedHere}</h4>
      {decisions.length === 0 && <p className="dim">{t.person.nothing}</p>}
      <ul className="decided">
        {decisions.map((decision) => (
          <li key={decision.id}>
            <button type="button" onClick={() => onWhy(decision.id)} title={clock(decision.time, timeZone)}>
              <span className="cut" dir="auto">{decision.title ?? (decision.out ? exclusionWord(decision.out) : t.person.noOffer)}</span>
              <Status state={decisionState(decision)} />
              <span className="dim small num">{ago(decision.time, now)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  )
}
