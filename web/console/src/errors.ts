import { Problem } from '@aisle/api'
import { worded } from '@aisle/ui'

/** The server's path of a field as the form has it: `offers[0].title` is `offers.0.title`. */
export const fieldPath = (field: string): string => field.replaceAll(/\[(\d+)\]/g, '.$1').replace(/^\./, '')

/** What the server has against which field, for a form. */
export function fieldErrors(error: unknown, rename: Record<string, string> = {}): Record<string, string> {
  if (!(error instanceof Problem)) return {}
  return Object.fromEntries(
    error.fields.map(({ field, message }) => {
      const path = fieldPath(field)
      const renamed = Object.entries(rename).find(([from]) => path === from || path.endsWith(`.${from}`))
      return [renamed ? path.slice(0, path.length - renamed[0].length) + renamed[1] : path, worded(message)]
    }),
  )
}
