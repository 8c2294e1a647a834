import { Globe } from 'lucide-react'
import { choose, language, languages, type Language } from './language'
import { t } from './words'

/** In which language the console speaks, where nobody has signed in yet. */
export const Languages = () => (
  <label className="language">
    <Globe size={15} aria-hidden />
    <span className="hidden">{t.language}</span>
    <select value={language} onChange={({ currentTarget }) => choose(currentTarget.value as Language)}>
      {Object.entries(languages).map(([tag, { name }]) => (
        <option key={tag} value={tag} lang={tag}>
          {name}
        </option>
      ))}
    </select>
  </label>
)
