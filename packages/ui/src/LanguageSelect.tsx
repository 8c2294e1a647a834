import { Globe } from 'lucide-react'

interface LanguageSelectProps<L extends string> {
  label: string
  value: L
  /** By tag, each as its speakers call it. */
  languages: Record<L, { name: string }>
  choose(language: L): void
}

/** In which language an app speaks, to be chosen. */
export const LanguageSelect = <L extends string>({ label, value, languages, choose }: LanguageSelectProps<L>) => (
  <label className="language">
    <Globe size={15} aria-hidden />
    <span className="hidden">{label}</span>
    <select value={value} onChange={({ currentTarget }) => choose(currentTarget.value as L)}>
      {Object.entries<{ name: string }>(languages).map(([tag, { name }]) => (
        <option key={tag} value={tag} lang={tag}>
          {name}
        </option>
      ))}
    </select>
  </label>
)
