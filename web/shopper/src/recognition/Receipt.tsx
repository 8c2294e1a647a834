import { useEffect, useState } from 'preact/hooks'
import { words } from '../api'
import { Note } from '../page'
import { dayOf, locale, m } from '../words'
import { getHouseKey, getReceipt, receiptPath, type Deletion, type HouseKey, type Statement } from './api'
import { verify, type Verdict } from './verify'

/** The proof that a face was deleted, asked for again until every camera has confirmed. */
export function Receipt({ id }: { id: string }) {
  const [statement, setStatement] = useState<Statement>()
  const [error, setError] = useState('')
  const waits = statement && (JSON.parse(statement.signed) as Deletion).edges?.some(({ gone }) => !gone)
  useEffect(() => {
    const ask = () => getReceipt(id).then(setStatement, (problem) => setError(words(problem)))
    void ask()
    if (waits === false) return
    const timer = setInterval(ask, 3_000)
    return () => clearInterval(timer)
  }, [id, waits])
  if (!statement) return <Note tone="neg">{error}</Note>
  return <Proof statement={statement} href={receiptPath(id)} />
}

/** What the shop signed of a deletion: what was where, checked on this phone. */
export function Proof({ statement, href }: { statement: Statement; href: string }) {
  const deletion: Deletion = JSON.parse(statement.signed)
  const [checked, setChecked] = useState<{ verdict: Verdict; key: HouseKey }>()
  useEffect(() => {
    getHouseKey().then(
      async (key) => setChecked({ verdict: await verify(statement.signed, statement.signature, key.public), key }),
      () => setChecked(undefined), // the receipt can be checked elsewhere
    )
  }, [statement.signed])
  const name = `receipt-${deletion.id}`
  return (
    <section class="card" aria-labelledby={name}>
      <h2 id={name}>{m.receipt}</h2>
      <p role="status" dir="auto">
        {deletion.says}
      </p>
      <table class="counts">
        <thead>
          <tr>
            <th scope="col">{m.where}</th>
            <th scope="col">{m.before}</th>
            <th scope="col">{m.after}</th>
          </tr>
        </thead>
        <tbody>
          {deletion.places.map(({ place, before, after }) => (
            <tr key={place}>
              <th scope="row">{place}</th>
              <td>{before}</td>
              <td>{after}</td>
            </tr>
          ))}
          {deletion.edges?.map(({ edge, gone }) => (
            <tr key={edge}>
              <th scope="row">{m.cameraProcess(edge)}</th>
              <td colSpan={2}>{gone ? m.forgot(new Date(gone).toLocaleTimeString(locale)) : m.notHeard}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {deletion.remains && deletion.remains.length > 0 && (
        <>
          <h3>{m.remains}</h3>
          <ul class="reasons small">
            {deletion.remains.map(({ name, what, until }) => (
              <li key={name} dir="auto">
                {name}: {what}
                {until && `, ${dayOf(until)}`}
              </li>
            ))}
          </ul>
        </>
      )}
      {checked && <p class="dim small">{m.checked[checked.verdict](checked.key.key)}</p>}
      <a class="button" href={href} download={`aisle-${name}.json`}>
        {m.downloadReceipt}
      </a>
    </section>
  )
}
