import { LanguageSelect } from '@aisle/ui'
import { choose, language, languages } from './language'
import { t } from './words'

/** In which language the console speaks, where nobody has signed in yet. */
export const Languages = () => <LanguageSelect label={t.language} value={language} languages={languages} choose={choose} />
