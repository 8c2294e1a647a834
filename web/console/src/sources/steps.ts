import type { MappingStep } from '@aisle/api'
import { t } from './words'

/** Steps by which a source's names become the house's: what each needs, and what it does in a sentence. */

export type StepKind = MappingStep['do']
type Part = Exclude<keyof MappingStep, 'do'>

/** A step that is being written; its key stays while it is moved. */
export interface DraftStep extends MappingStep {
  key: number
}

export const stepKinds = (['rename_event', 'move', 'default', 'convert', 'normalise', 'exclude', 'drop_event'] as const).map((value) => ({ value, label: t.editor.kinds[value] }))

const needs: Record<StepKind, { must: Part[]; may: Part[] }> = {
  rename_event: { must: ['event', 'to'], may: [] },
  move: { must: ['field', 'to'], may: ['event'] },
  default: { must: ['field', 'value'], may: ['event'] },
  convert: { must: ['field', 'as'], may: ['event', 'layout', 'zone'] },
  normalise: { must: ['field', 'how'], may: ['event'] },
  exclude: { must: ['field'], may: ['event'] },
  drop_event: { must: ['event'], may: [] },
}

export const has = (kind: StepKind, part: Part) => needs[kind].must.includes(part) || needs[kind].may.includes(part)

/** A step of a kind, with what one before of another kind had in common. */
export function stepOf(kind: StepKind, before: Partial<MappingStep> = {}): MappingStep {
  const step: MappingStep = { do: kind, ...(kind === 'convert' && { as: 'number' as const }), ...(kind === 'normalise' && { how: 'trim' as const }) }
  const both = (part: Part) => has(kind, part) && before.do !== undefined && has(before.do, part)
  if (both('event') && before.event) step.event = before.event
  if (both('field') && before.field) step.field = before.field
  if (kind === 'default') step.value = ''
  return step
}

/** What a step still needs. */
export function missing(step: MappingStep): Part[] {
  return needs[step.do].must.filter((part) => {
    const value = step[part]
    return part === 'value' ? value === undefined || value === null : typeof value !== 'string' || value.trim() === ''
  })
}

/** A step as it is sent: what its kind has, and nothing that is empty. */
export function cleaned(step: MappingStep): MappingStep {
  const { do: kind } = step
  const parts = [...needs[kind].must, ...needs[kind].may].filter((part) => {
    if (part === 'layout' || part === 'zone') return kind === 'convert' && step.as === 'time' && step[part]
    return part === 'value' ? true : step[part]
  })
  return Object.assign({ do: kind }, Object.fromEntries(parts.map((part) => [part, typeof step[part] === 'string' && part !== 'value' ? step[part].trim() : step[part]])))
}

/** The steps as they are sent, or nothing while one is not whole. */
export const wholeSteps = (steps: MappingStep[]): MappingStep[] | undefined => (steps.every((step) => missing(step).length === 0) ? steps.map(cleaned) : undefined)

export const sameSteps = (a: MappingStep[], b: MappingStep[]) => JSON.stringify(a.map(cleaned)) === JSON.stringify(b.map(cleaned))

/** The list with one of it at another place. */
export function moved<T>(list: T[], from: number, to: number): T[] {
  if (from === to || to < 0 || to >= list.length || from < 0 || from >= list.length) return list
  const rest = list.toSpliced(from, 1)
  return rest.toSpliced(to, 0, list[from]!)
}

const says = t.sentence
const quoted = (text: string | undefined) => (text?.trim() ? says.quoted(text.trim()) : '…')

/** What a step does, as a sentence. */
export function sentenceOf(step: MappingStep): string {
  const [event, field, to] = [quoted(step.event), quoted(step.field), quoted(step.to)]
  const where = says.inEvent(step.event?.trim() ? event : says.everyEvent)
  switch (step.do) {
    case 'rename_event':
      return says.rename(event, to)
    case 'move':
      return says.move(field, to, where)
    case 'default':
      return says.fill(field, typeof step.value === 'string' ? (step.value === '' ? says.emptyText : quoted(step.value)) : String(step.value ?? '…'), where)
    case 'convert': {
      const how = step.as === 'time' ? `${step.layout ? says.readAs(step.layout) : ''}${step.zone ? says.inZone(step.zone) : ''}` : ''
      return says.convert(field, step.as ? says.types[step.as] : '…', where, how)
    }
    case 'normalise':
      return says.tidy(field, step.how ? says.hows[step.how] : '…', where)
    case 'exclude':
      return says.exclude(field, where)
    case 'drop_event':
      return says.drop(event)
  }
}

/** What the server has against which part of which step: `steps[2].to`. */
export function stepErrors(errors: Record<string, string>): { at: Map<number, string>; rest: string[] } {
  const at = new Map<number, string>()
  const rest: string[] = []
  for (const [field, message] of Object.entries(errors)) {
    const found = /^steps\.(\d+)(?:\.(\w+))?$/.exec(field)
    if (!found) rest.push(message)
    else at.set(Number(found[1]), [at.get(Number(found[1])), found[2] ? `${partNames[found[2]] ?? found[2]}: ${message}` : message].filter(Boolean).join('; '))
  }
  return { at, rest }
}

const partNames: Record<string, string> = t.editor.parts

/** A value that somebody typed, as what they mean: 12 is a number, "12" a text where they say so. */
export function valueOf(typed: string, type: 'text' | 'number' | 'boolean'): string | number | boolean | undefined {
  if (type === 'text') return typed
  if (type === 'boolean') return typed === 'true'
  const number = Number(typed.replace(',', '.'))
  return typed.trim() === '' || !Number.isFinite(number) ? undefined : number
}
