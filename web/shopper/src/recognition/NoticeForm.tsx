import { useEffect, useState } from 'preact/hooks'
import { words } from '../api'
import { Note } from '../page'
import { language as spoken, m, t } from '../words'
import { getNotice, signNotice, type Notice } from './api'

const names: Record<string, string> = { ar: 'العربية', en: 'English', es: 'Español', nl: 'Nederlands' }

/** What to know before anything is taken, and the signature under it. */
export function NoticeForm({ name: called, signed }: { name: string; signed(): void }) {
  const [language, setLanguage] = useState<string>(spoken)
  const [notice, setNotice] = useState<Notice>()
  const [name, setName] = useState('')
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState('')

  useEffect(() => {
    getNotice(language).then(setNotice, (problem) => setError(words(problem)))
  }, [language])

  const sign = async (event: Event) => {
    event.preventDefault()
    if (!notice) return
    if (name.trim() === '') {
      setError(m.signMissing)
      return
    }
    setBusy(true)
    setError('')
    try {
      await signNotice(notice, name)
      signed()
    } catch (problem) {
      setError(words(problem))
      // It may be another notice by now, which is to be read.
      getNotice(language).then(setNotice, () => {})
    }
    setBusy(false)
  }

  if (!notice) return error ? <Note tone="neg">{error}</Note> : <div class="skeleton" aria-busy="true" />
  return (
    <>
      <label class="field">
        {t.language}
        <select value={notice.language} onChange={(event) => setLanguage(event.currentTarget.value)}>
          {notice.languages.map((one) => (
            <option key={one} value={one}>
              {names[one] ?? one}
            </option>
          ))}
        </select>
      </label>
      <article lang={notice.language} dir="auto" class="list">
        <h2>{notice.title}</h2>
        <dl class="facts stacked card">
          {notice.points.map(({ title, text }) => (
            <div key={title}>
              <dt>{title}</dt>
              <dd>{text}</dd>
            </div>
          ))}
        </dl>
      </article>
      <form onSubmit={sign} noValidate>
        <p lang={notice.language} class="strong">
          {notice.agreement}
        </p>
        <label class="field">
          {m.signature}
          <input
            type="text"
            autoComplete="name"
            maxLength={120}
            placeholder={called}
            value={name}
            aria-invalid={error !== '' && name.trim() === ''}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <Note tone="neg">{error}</Note>
        <button type="submit" class="primary" disabled={busy}>
          {m.sign}
        </button>
        <a class="button" href="#/offers">
          {m.noThanks}
        </a>
        <p class="faint small">{m.signKept(notice.version)}</p>
      </form>
    </>
  )
}
