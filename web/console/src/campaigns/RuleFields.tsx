import { useRuleFields } from '@aisle/api'
import { Skeleton, worded } from '@aisle/ui'
import { TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { t } from './words'

/** What a rule may name; a click writes it where the cursor was. */
export function RuleFields({ onPick }: { onPick: (name: string) => void }) {
  const { data } = useRuleFields()
  const [query, setQuery] = useState('')
  const words = query.toLowerCase()
  const found = data?.filter(({ name, doc }) => `${name} ${worded(doc)}`.toLowerCase().includes(words))
  return (
    <section className="card block" aria-label={t.rule.fields}>
      <div className="between">
        <h2>{t.rule.fields}</h2>
        <span className="dim small">CEL</span>
      </div>
      <TextInput aria-label={t.rule.find} placeholder={t.rule.find} leftSection={<Search size={13} />} value={query} onChange={({ currentTarget }) => setQuery(currentTarget.value)} />
      {!found ? (
        <Skeleton height={200} />
      ) : (
        <div className="rule-fields">
          {found.map(({ name, type, doc, values }) => (
            <button key={name} type="button" onClick={() => onPick(name)} title={t.rule.pick(name)}>
              <span className="between">
                <code dir="ltr">{name}</code>
                <span className="faint small">{t.rule.kinds[type as keyof typeof t.rule.kinds] ?? type}</span>
              </span>
              <span className="dim small" dir="auto">
                {worded(doc)}
              </span>
              {values && values.length > 0 && <span className="faint small" dir="auto">{values.slice(0, 8).join(', ')}</span>}
            </button>
          ))}
          {found.length === 0 && <p className="dim small">{t.rule.noField}</p>}
        </div>
      )}
    </section>
  )
}
