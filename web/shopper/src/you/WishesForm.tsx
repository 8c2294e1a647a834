import { useEffect, useRef, useState } from 'preact/hooks'
import { getMessages, now, putWishes, words, type Me, type Wishes } from '../api'
import { Note } from '../page'
import type { Shopper } from '../shopper'
import { m } from '../words'
import { budgets, day, minuteOf, night, timeOf, usedToday, withWish } from './wishes'

/** When to be left alone, and how much a day. Each change is kept at once. */
export function WishesForm({ me, shopper }: { me: Me; shopper: Shopper }) {
  const [used, setUsed] = useState<number>()
  const [saved, setSaved] = useState(false)
  const [error, setError] = useState('')
  const latest = useRef<Wishes>({})
  const wishes: Wishes = me.wishes ?? {}
  const { quiet, budget = 0 } = wishes
  useEffect(() => {
    getMessages().then((all) => setUsed(usedToday(all, now())), () => {}) // what was used is then not said
  }, [])

  const wish = async (change: Parameters<typeof withWish>[1]) => {
    const next = (latest.current = withWish(wishes, change))
    setError('')
    shopper.changed((who) => ({ ...who, wishes: next }))
    try {
      const kept = await putWishes(next)
      if (latest.current === next) shopper.changed((who) => ({ ...who, wishes: kept }))
      setSaved(true)
    } catch (problem) {
      shopper.changed((who) => ({ ...who, wishes }))
      setError(words(problem))
    }
  }
  const setTime = (which: 'from_minute' | 'until_minute', time: string) => {
    const minute = minuteOf(time)
    if (quiet && minute !== undefined) void wish({ quiet: { ...quiet, [which]: minute } })
  }
  return (
    <section aria-labelledby="wishes">
      <h2 id="wishes">{m.leaveAlone}</h2>
      <Note tone="neg">{error}</Note>
      <div class="card">
        <button type="button" class="switch" role="switch" aria-checked={!!quiet} aria-describedby="about-quiet" onClick={() => void wish({ quiet: quiet ? undefined : night })}>
          {m.quiet}
        </button>
        <p id="about-quiet" class="dim small">
          {quiet && quiet.from_minute % day === quiet.until_minute % day ? m.quietNever : m.quietHelp}
        </p>
        {quiet && (
          <div class="pair">
            <label class="field">
              {m.from}
              <input type="time" value={timeOf(quiet.from_minute)} onChange={(event) => setTime('from_minute', event.currentTarget.value)} />
            </label>
            <label class="field">
              {m.until}
              <input type="time" value={timeOf(quiet.until_minute)} onChange={(event) => setTime('until_minute', event.currentTarget.value)} />
            </label>
          </div>
        )}
      </div>
      <label class="field">
        {m.budget}
        <select value={budget} aria-describedby="about-budget" onChange={(event) => void wish({ budget: Number(event.currentTarget.value) })}>
          {budgets.concat(budgets.includes(budget) ? [] : [budget]).map((most) => (
            <option key={most} value={most}>
              {most === 0 ? m.budgetNone : m.budgetOf(most)}
            </option>
          ))}
        </select>
        <span id="about-budget" class="small dim num">
          {m.budgetHelp} {used !== undefined && m.budgetUsed(used)}
        </span>
      </label>
      <p role="status" class="hidden">
        {saved && m.saved}
      </p>
    </section>
  )
}
