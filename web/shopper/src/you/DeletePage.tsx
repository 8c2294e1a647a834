import { useState } from 'preact/hooks'
import { words } from '../api'
import { Back, Heading, Note } from '../page'
import type { Shopper } from '../shopper'
import { m } from '../words'

/** To have everything deleted that the shop knows of one. */
export function DeletePage({ shopper }: { shopper: Shopper }) {
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')
  const go = () => {
    setBusy(true)
    setError('')
    shopper.deleteMe().catch((problem) => {
      setError(words(problem))
      setBusy(false)
    })
  }
  return (
    <section>
      <Back to="#/you" />
      <Heading>{m.deleteTitle}</Heading>
      <p>{m.deleteWhat}</p>
      <Note tone="neg">{error}</Note>
      <a class="button" href="#/you">
        {m.deleteNo}
      </a>
      <button type="button" class="danger" disabled={busy} onClick={go}>
        {m.deleteYes}
      </button>
    </section>
  )
}
