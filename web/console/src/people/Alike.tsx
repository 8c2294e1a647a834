import { useAlike, useJoin, useKeepApart, useMay, type AlikePair } from '@aisle/api'
import { ago, count, dateTime, Empty, percent, plural, spaced, useNow } from '@aisle/ui'
import { Button, Tooltip } from '@mantine/core'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { Loaded } from '../Page'
import { done, failed } from '../say'
import './people.css'

/** Pairs of shoppers who may be one person, with what speaks for it, for somebody to say. */
export function Alike() {
  const asked = useAlike()
  return (
    <Loaded of={asked} height={320}>
      {({ pairs, looked, limit }) => (
        <>
          {pairs.length === 0 ? (
            <Empty title="Nobody seems to be written twice">Shoppers whose names, birthdays and addresses are alike appear here, for you to say whether they are one person.</Empty>
          ) : (
            <ol className="alike">
              {pairs.map((pair) => (
                <Pair key={`${pair.a.shopper} ${pair.b.shopper}`} pair={pair} />
              ))}
            </ol>
          )}
          <p className="list-foot num">
            {plural(pairs.length, 'pair')} of the {plural(looked, 'shopper')} heard of lately; {count(limit)} are compared at most. Nothing is merged unless you say so.
          </p>
        </>
      )}
    </Loaded>
  )
}

const levels: Record<string, string> = { same: 'the same', near: 'one slip', alike: 'alike', differs: 'differs', swapped: 'swapped' }

function verdict({ probability }: AlikePair) {
  if (probability > 0.99) return { word: 'Very likely', tone: 'good' }
  if (probability > 0.9) return { word: 'Likely', tone: 'info' }
  return { word: probability >= 0.5 ? 'Possible' : 'Little speaks for it', tone: 'none' }
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
      title: 'The same person?',
      children: (
        <p className="dim">
          {called(a)} and {called(b)} become one shopper: what is known of both is counted together, and the newest answer to each consent holds. It can be taken apart on the shopper's page, but not what was counted together meanwhile.
        </p>
      ),
      labels: { confirm: 'They are one', cancel: 'Cancel' },
      onConfirm: () => join.mutate(both, { onSuccess: () => done(`${called(a)} and ${called(b)} are one shopper now.`), onError: failed }),
    })
  return (
    <li aria-label={`${called(a)} and ${called(b)}`}>
      <div className="alike-head">
        <Tooltip label="As far as the fields are independent of one another">
          <span className="status" data-tone={tone}>
            {word}, {percent(Math.min(pair.probability, 0.999))}
          </span>
        </Tooltip>
        {claimed && (
          <span className="status" data-tone="warn">
            An event called them the same {dateTime(claimed)}
          </span>
        )}
        <span className="grow" />
        {may && (
          <>
            <Button variant="default" loading={apart.isPending} onClick={() => apart.mutate(both, { onSuccess: () => done('Noted: they are kept apart.'), onError: failed })}>
              Not the same
            </Button>
            <Button loading={join.isPending} onClick={ask}>
              The same person…
            </Button>
          </>
        )}
      </div>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">What</th>
              <th scope="col">
                <Side side={a} />
              </th>
              <th scope="col">
                <Side side={b} />
              </th>
              <th scope="col">Says</th>
              <th scope="col">For or against</th>
            </tr>
          </thead>
          <tbody>
            {reasons.map(({ field, level, weight, a, b }) => (
              <tr key={field}>
                <td className="dim">{spaced(field)}</td>
                <td>{a ?? <span className="dim">hidden</span>}</td>
                <td>{b ?? <span className="dim">hidden</span>}</td>
                <td>{levels[level] ?? level}</td>
                <td>
                  <span className="alike-weight">
                    <span className="alike-bar" aria-hidden="true">
                      <i data-against={weight < 0 ? '' : undefined} style={weight < 0 ? { right: '50%', width: `${(-weight / most) * 50}%` } : { left: '50%', width: `${(weight / most) * 50}%` }} />
                    </span>
                    <span className="num dim small">
                      {weight > 0 ? '+' : '−'}
                      {Math.abs(weight).toFixed(1)} bits
                    </span>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {reasons.length === 0 && <p className="dim small">They told nothing that could be compared.</p>}
    </li>
  )
}

const called = ({ name, label }: AlikePair['a']) => (name ? `${name} (${label})` : `Shopper ${label}`)

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
