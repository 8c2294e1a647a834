import { useRuleFields } from '@aisle/api'
import { Skeleton } from '@aisle/ui'
import { TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'

/** What a rule may name; a click writes it where the cursor was. */
export function RuleFields({ onPick }: { onPick: (name: string) => void }) {
  const { data } = useRuleFields()
  const [query, setQuery] = useState('')
  const words = query.toLowerCase()
  const found = data?.filter(({ name, doc }) => `${name} ${doc}`.toLowerCase().includes(words))
  return (
    <section className="card block" aria-label="What a rule may name">
      <div className="between">
        <h2>What a rule may name</h2>
        <span className="dim small">CEL</span>
      </div>
      <TextInput aria-label="Find a field" placeholder="Find a field" leftSection={<Search size={13} />} value={query} onChange={({ currentTarget }) => setQuery(currentTarget.value)} />
      {!found ? (
        <Skeleton height={200} />
      ) : (
        <div className="rule-fields">
          {found.map(({ name, type, doc, values }) => (
            <button key={name} type="button" onClick={() => onPick(name)} title={`Write ${name} where the cursor was`}>
              <span className="between">
                <code>{name}</code>
                <span className="faint small">{type}</span>
              </span>
              <span className="dim small">{doc}</span>
              {values && values.length > 0 && <span className="faint small">{values.slice(0, 8).join(', ')}</span>}
            </button>
          ))}
          {found.length === 0 && <p className="dim small">No field of that name.</p>}
        </div>
      )}
    </section>
  )
}
