import type { LivePerson } from '@aisle/api'
import { toPixels, type View } from '@aisle/ui'
import { useState } from 'react'
import { presence, stepTo } from './presence'
import { t } from './words'

/**
 * The people of the plan for the keyboard: one stop, within which the arrow keys go from each who opted in to the next
 * in that direction. A ring shows where one is.
 */
export function PeopleKeys({ people, view, onWho }: { people: LivePerson[]; view: View; onWho: (shopper: string) => void }) {
  const [key, setKey] = useState<string>()
  const members = people.filter(({ shopper }) => shopper !== undefined)
  if (members.length === 0) return null
  const at = members.find((person) => person.key === key)
  const where = at && toPixels(view, at)
  const { who, says, seen } = at ? presence(at) : {}
  return (
    <>
      {where && <i className="plan-ring" style={{ transform: `translate(${where.x}px, ${where.y}px)` }} />}
      <button
        type="button"
        className="plan-keys"
        onKeyDown={(event) => {
          const next = stepTo(members, at, event.key)
          if (!next) return
          event.preventDefault()
          setKey(next.key)
        }}
        onClick={() => at?.shopper !== undefined && onWho(at.shopper)}
        onBlur={() => setKey(undefined)}
      >
        <span aria-live="polite">{at ? `${who}, ${says}, ${seen}` : t.floor.people(members.length)}</span>
      </button>
    </>
  )
}
