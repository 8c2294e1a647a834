import { useEffect, useState } from 'preact/hooks'
import type { Statement } from '../api'
import { Heading } from '../page'
import { Proof } from '../recognition/Receipt'
import { m } from '../words'

/** The receipt of who was deleted. Nobody can ask for it once more: it is a file on this phone, as long as this page is open. */
export function FarewellPage({ receipt, done }: { receipt: Statement; done(): void }) {
  const [file, setFile] = useState('')
  useEffect(() => {
    const url = URL.createObjectURL(new Blob([JSON.stringify(receipt, null, 2)], { type: 'application/json' }))
    setFile(url)
    return () => URL.revokeObjectURL(url)
  }, [receipt])
  return (
    <section>
      <Heading>{m.deleted}</Heading>
      <p>{m.deletedWhy}</p>
      <Proof statement={receipt} href={file} />
      <button type="button" class="primary" onClick={done}>
        {m.done}
      </button>
    </section>
  )
}
