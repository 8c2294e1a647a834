import { Globe } from 'lucide-react'
import { createContext, useContext } from 'react'
import { language, languages, t, type Language } from './words'

/** Has the whole screen speak another language. */
export const SpeakContext = createContext<(language: Language) => void>(() => {})

/** In which language the screen speaks. */
export function Languages() {
  const speak = useContext(SpeakContext)
  return (
    <label className="language">
      <Globe size={15} aria-hidden />
      <span className="hidden">{t.language}</span>
      <select value={language} onChange={({ currentTarget }) => speak(currentTarget.value as Language)}>
        {Object.entries(languages).map(([tag, { name }]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
}
