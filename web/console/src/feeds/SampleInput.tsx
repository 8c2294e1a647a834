import { Button, Textarea } from '@mantine/core'
import { Upload } from 'lucide-react'
import { useRef, useState } from 'react'
import { cutToLines, sampleLimit } from './plan'
import { t } from './words'
import './feeds.css'

export interface Sample {
  name: string
  bytes: Uint8Array
  /** The file goes on behind it. */
  cut: boolean
}

/** A file's beginning, chosen, dropped or pasted. It is read here; the file itself goes nowhere. */
export function SampleInput({ onSample, busy }: { onSample: (sample: Sample) => void; busy: boolean }) {
  const input = useRef<HTMLInputElement>(null)
  const [over, setOver] = useState(false)
  const [pasted, setPasted] = useState('')
  const take = async (file: File | undefined) => {
    if (!file) return
    const bytes = cutToLines(new Uint8Array(await file.slice(0, sampleLimit + 1).arrayBuffer()))
    onSample({ name: file.name, bytes, cut: bytes.length < file.size })
  }
  return (
    <section className="card block" aria-label={t.sample.label}>
      <h2>{t.sample.title}</h2>
      {/* A pointer may drop here; the button does the same by keyboard. */}
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions */}
      <div
        className="drop"
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault()
          setOver(true)
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault()
          setOver(false)
          void take(event.dataTransfer.files[0])
        }}
        role="group"
        aria-label={t.sample.drop}
      >
        <Upload size={20} aria-hidden />
        <p>{t.sample.dropOr}</p>
        <Button loading={busy} onClick={() => input.current?.click()}>
          {t.sample.choose}
        </Button>
        <p className="dim small">{t.sample.kinds}</p>
        <input
          ref={input}
          type="file"
          hidden
          aria-label={t.sample.file}
          onChange={({ currentTarget }) => {
            void take(currentTarget.files?.[0])
            currentTarget.value = ''
          }}
        />
      </div>
      <Textarea
        label={t.sample.paste}
        className="mono-area"
        dir="ltr"
        minRows={5}
        maxRows={12}
        autosize
        spellCheck={false}
        value={pasted}
        onChange={({ currentTarget }) => setPasted(currentTarget.value)}
        placeholder={'date;customer;article;amount\n02.03.2026;c-1042;shoe-7;129,95'}
      />
      <Button
        variant="default"
        style={{ justifySelf: 'start' }}
        disabled={pasted.trim() === ''}
        loading={busy}
        onClick={() => {
          const all = new TextEncoder().encode(pasted)
          const bytes = cutToLines(all)
          onSample({ name: '', bytes, cut: bytes.length < all.length })
        }}
      >
        {t.sample.read}
      </Button>
    </section>
  )
}
