import { useAlike, useJoin, useKeepApart, useMay, type AlikePair } from '@aisle/api'
import { ago, count, dateTime, Empty, fixed, percent, spaced, useNow } from '@aisle/ui'
import { Button, Tooltip } from '@mantine/core'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { Loaded } from '../Page'
import { done, failed } from '../say'
import { t as house } from '../words'
import { t } from './words'
import './people.css'

/** Pairs of shoppers who may be one person, with what speaks for it, for somebody to say. */
export function Alike() {
  const asked = useAlike()
  return (
    <Loaded of={asked} height={320}>
      {({ pairs, looked, limit }) => (
        <>
          {pairs.length === 0 ? (
            <Empty title={t.alike.none}>{t.alike.noneMore}</Empty>
          ) : (
            <ol className="alike">
              {pairs.map((pair) => (
                <Pair key={`${pair.a.shopper} ${pair.b.shopper}`} pair={pair} />
              ))}
            </ol>
          )}
          <p className="list-foot num">{t.alike.looked(pairs.length, looked, count(limit))}</p>
        </>
      )}
    </Loaded>
  )
}

function verdict({ probability }: AlikePair) {
  if (probability > 0.99) return { word: t.alike.veryLikely, tone: 'good' }
  if (probability > 0.9) return { word: t.alike.likely, tone: 'info' }
  return { word: probability >= 0.5 ? t.alike.possible : t.alike.little, tone: 'none' }
}

function Pair({ pair }: { pair: AlikePair }) {
  const may = useMay('admin', 'marketer')
  const join = useJoin()
  const apart = useKeepApart()
  const { a, b, reasons, claimed } = pair
  const { word, tone } = verdict(pair)
  const most = Math.max(8, ...reasons.map(({ weight }) => Math.abs(weight)))
  const both = { shopper: a.shopper, other: b.shopper }
  const ask = () =>
    modals.openConfirmModal({
      title: t.alike.ask,
      children: <p className="dim">{t.alike.askMore(called(a), called(b))}</p>,
      labels: { confirm: t.alike.doIt, cancel: house.cancel },
      onConfirm: () => void join.mutateAsync(both).then(() => done(t.alike.done(called(a), called(b))), failed),
    })
  return (
    <li aria-label={t.alike.pair(called(a), called(b))}>
      <div className="alike-head">
        <Tooltip label={t.alike.independent}>
          <span className="status" data-tone={tone}>
            {t.alike.verdict(word, percent(Math.min(pair.probability, 0.999)))}
          </span>
        </Tooltip>
        {claimed && (
          <span className="status" data-tone="warn">
            {t.alike.claimed(dateTime(claimed))}
          </span>
        )}
        <span className="grow" />
        {may && (
          <>
            <Button variant="default" loading={apart.isPending} onClick={() => void apart.mutateAsync(both).then(() => done(t.alike.apart), failed)}>
              {t.alike.notSame}
            </Button>
            <Button loading={join.isPending} onClick={ask}>
              {t.alike.same}
            </Button>
          </>
        )}
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.alike.what}</th>
              <th scope="col">
                <Side side={a} />
              </th>
              <th scope="col">
                <Side side={b} />
              </th>
              <th scope="col">{t.alike.says}</th>
              <th scope="col">{t.alike.weight}</th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ field, level, weight, a, b }) => (
              <tr key={field}>
                <td className="dim">{t.alike.fields[field] ?? spaced(field)}</td>
                <td>{a ? <bdi>{a}</bdi> : <span className="dim">{t.alike.hidden}</span>}</td>
                <td>{b ? <bdi>{b}</bdi> : <span className="dim">{t.alike.hidden}</span>}</td>
                <td>{t.alike.levels[level] ?? level}</td>
                <td>
                  <span className="alike-weight">
                    <span className="alike-bar" aria-hidden="true">
                      <i data-against={weight < 0 ? '' : undefined} style={weight < 0 ? { insetInlineEnd: '50%', width: `${(-weight / most) * 50}%` } : { insetInlineStart: '50%', width: `${(weight / most) * 50}%` }} />
                    </span>
                    <span className="num dim small">{t.alike.bits(`${weight > 0 ? '+' : '−'}${fixed(Math.abs(weight), 1)}`)}</span>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {reasons.length === 0 && <p className="dim small">{t.alike.incomparable}</p>}
    </li>
  )
}

const called = ({ name, label }: AlikePair['a']) => (name ? `${name} (${label})` : t.unnamed(label))

function Side({ side }: { side: AlikePair['a'] }) {
  const now = useNow(10_000)
  return (
    <>
      <Link to="/people/$shopper" params={{ shopper: side.shopper }}>
        {called(side)}
      </Link>
      <span className="dim num"> · {ago(side.last, now)}</span>
    </>
  )
}
