import type { Change } from './differences'
import { spoken } from './spoken'

/** What is different, a field a line: what it was, and what it is. */
export function Changes({ changes }: { changes: Change[] }) {
  return (
    <ul className="stack small" dir="ltr" style={{ gap: 3 }}>
      {changes.map(({ field, before, after }) => (
        <li key={field} style={{ overflowWrap: 'anywhere' }}>
          <code>{field}</code> <span className="dim">{before ?? spoken.nothing}</span> → <span>{after ?? spoken.nothing}</span>
        </li>
      ))}
    </ul>
  )
}
