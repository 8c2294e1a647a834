import '@aisle/ui/tokens.css'
import './app.css'
import { render } from 'preact'
import { App } from './App'
import { language, speak, wanted } from './words'

const dark = matchMedia('(prefers-color-scheme: dark)')
const paint = () => {
  document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light'
}
dark.addEventListener('change', paint)
paint()

// What it fetches must not be in the way of the first page.
if (import.meta.env.PROD) addEventListener('load', () => void navigator.serviceWorker?.register('/shopper/sw.js', { scope: '/shopper/' }))

// Without its words, as on a bad line, the app opens in English.
void speak(wanted(navigator.languages))
  .catch(() => speak(language))
  .then(() => render(<App />, document.getElementById('app')!))
