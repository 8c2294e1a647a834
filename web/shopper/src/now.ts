import { useEffect, useState } from 'preact/hooks'
import { now as time } from './api'

/** The time, in milliseconds since 1970, told anew at this interval. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(time)
  useEffect(() => {
    const timer = setInterval(() => setNow(time()), everyMs)
    return () => clearInterval(timer)
  }, [everyMs])
  return now
}
