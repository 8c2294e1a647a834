import type { ContractWhole, JSONSchema } from '@aisle/api'
import { count, scan } from '@aisle/ui'
import { t } from './words'

export const schemaText = (schema: JSONSchema): string => JSON.stringify(schema, null, 2)

/** A schema that somebody wrote, or where it is no JSON. */
export function readSchema(text: string): { schema?: JSONSchema; wrong?: { at: number; says: string } } {
  const { wrong } = scan(text)
  if (wrong) return { wrong }
  const value: unknown = JSON.parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { wrong: { at: 0, says: t.form.noObject } }
  return { schema: value as JSONSchema }
}

/** Where in the text a JSON pointer leads, or its nearest parent that is there. */
export function placeIn(text: string, pointer: string | undefined): { from: number; to: number } {
  const { at, names } = scan(text)
  for (let up = pointer ?? ''; ; up = up.slice(0, up.lastIndexOf('/'))) {
    const span = names.get(up) ?? at.get(up)
    if (span && up !== '') return span
    if (up === '' || !up.includes('/')) return { from: 0, to: 0 }
  }
}

/** What to begin with where nothing of an event came yet. */
export const emptySchema: JSONSchema = { type: 'object', required: [], properties: {} }

/** The version that the editor begins with: the latest that was written. */
export const newest = (whole: ContractWhole) => whole.versions[0]

/** How a check came out, in words. */
export function checkWords({ tested, failed }: { tested: number; failed: number }): string {
  if (tested === 0) return t.trial.untested
  return failed === 0 ? t.trial.pass(tested) : t.trial.fail(count(failed), tested)
}

/** An event's name as the door spells it, or why it cannot be one. */
export function nameOf(typed: string): { name?: string; wrong?: string } {
  const name = typed
    .trim()
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, '_')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '')
  if (!name) return { wrong: t.begin.nameless }
  return name.length > 100 ? { wrong: t.begin.long } : { name }
}
