import { LanguageSelect } from '@aisle/ui'
import { createContext, useContext } from 'react'
import { language, languages, t, type Language } from './words'

/** Has the whole screen speak another language. */
export const SpeakContext = createContext<(language: Language) => void>(() => {})

/** In which language the screen speaks. */
export const Languages = () => <LanguageSelect label={t.language} value={language} languages={languages} choose={useContext(SpeakContext)} />
