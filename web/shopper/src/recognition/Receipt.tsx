import { useEffect, useState } from 'preact/hooks'
import { words } from '../api'
import { Note } from '../page'
import { getHouseKey, getReceipt, receiptPath, type Deletion, type HouseKey } from './api'
import { verify, type Verdict } from './verify'
import { checkedWords } from './words'

/** The proof that a face was deleted: what was where, checked on this phone. */
export function Receipt({ id }: { id: string }) {
  const [deletion, setDeletion] = useState<Deletion>()
  const [checked, setChecked] = useState<{ verdict: Verdict; key: HouseKey }>()
  const [error, setError] = useState('')

  // Asked again until every camera has confirmed.
  const waits = deletion?.edges.some(({ gone }) => !gone)
  useEffect(() => {
    const ask = () =>
      Promise.all([getReceipt(id), getHouseKey()]).then(
        async ([statement, key]) => {
          setDeletion(JSON.parse(statement.signed))
          setChecked({ verdict: await verify(statement.signed, statement.signature, key.public), key })
        },
        (problem) => setError(words(problem)),
      )
    void ask()
    if (waits === false) return
    const timer = setInterval(ask, 3_000)
    return () => clearInterval(timer)
  }, [id, waits])

  if (!deletion) return <Note tone="neg">{error}</Note>
  return (
    <section class="card" aria-labelledby={`receipt-${id}`}>
      <h2 id={`receipt-${id}`}>Receipt</h2>
      <p role="status">{deletion.says}</p>
      <table class="counts">
        <thead>
          <tr>
            <th scope="col">Where</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
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
          {deletion.edges.map(({ edge, gone }) => (
            <tr key={edge}>
              <th scope="row">camera’s process: {edge}</th>
              <td colSpan={2}>{gone ? `forgot, ${new Date(gone).toLocaleTimeString()}` : 'not heard yet'}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {checked && <p class="dim small">{checkedWords(checked.verdict, checked.key.key)}</p>}
      <a class="button" href={receiptPath(id)} download={`aisle-receipt-${id}.json`}>
        Download the receipt
      </a>
    </section>
  )
}
