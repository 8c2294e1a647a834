import { language, languages, t, type Language } from './words'

/** In which language the app speaks. */
export function Languages({ say }: { say(language: Language): void }) {
  return (
    <label class="field">
      {t.language}
      <select value={language} onChange={(event) => say(event.currentTarget.value as Language)}>
        {Object.entries(languages).map(([tag, { name }]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
