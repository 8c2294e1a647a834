import type { MappingStep } from '@aisle/api'
import { Select, TextInput } from '@mantine/core'
import { useState } from 'react'
import { NameInput, type Known } from './StepsEditor'
import { has, valueOf } from './steps'
import { t } from './words'

type Type = 'text' | 'number' | 'boolean'
const typeOf = (value: unknown): Type => (typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'text')

/** The events that campaigns and the house's profiles know. */
const house = ['product_viewed', 'product_searched', 'product_list_viewed', 'product_added', 'product_removed', 'cart_viewed', 'checkout_started', 'order_completed', 'page_viewed', 'identified']
const layouts = ['DD.MM.YYYY HH:mm:ss', 'DD.MM.YYYY', 'MM/DD/YYYY', 'YYYY-MM-DD HH:mm:ss', 'unix', 'unix_ms']
const zones = () => Intl.supportedValuesOf('timeZone')

/** What a step of a kind is told. */
export function StepInputs({ step, known, onChange }: { step: MappingStep; known: Known; onChange: (step: MappingStep) => void }) {
  const set = (part: Partial<MappingStep>) => onChange({ ...step, ...part })
  const renames = step.do === 'rename_event'
  return (
    <>
      {(renames || step.do === 'drop_event') && <NameInput label={t.editor.event} value={step.event ?? ''} onChange={(event) => set({ event })} known={known.events} placeholder="Item Viewed" />}
      {has(step.do, 'field') && <NameInput label={t.editor.field} value={step.field ?? ''} onChange={(field) => set({ field })} known={known.fields} placeholder="product.sku" />}
      {has(step.do, 'to') && (
        <NameInput label={t.editor.newName} value={step.to ?? ''} onChange={(to) => set({ to })} known={renames ? house : known.fields} placeholder={renames ? 'product_viewed' : 'product_id'} />
      )}
      {step.do === 'default' && <ValueInput value={step.value} onChange={(value) => onChange(value === undefined ? { ...step, value: null } : { ...step, value })} />}
      {step.do === 'convert' && (
        <Select
          label={t.editor.type}
          data={(['number', 'text', 'boolean', 'time'] as const).map((value) => ({ value, label: t.editor.types[value] }))}
          value={step.as ?? 'number'}
          onChange={(as) => set({ as: as as NonNullable<MappingStep['as']> })}
        />
      )}
      {step.do === 'convert' && step.as === 'time' && (
        <>
          <NameInput label={t.editor.layout} value={step.layout ?? ''} onChange={(layout) => set({ layout })} known={layouts} placeholder={t.editor.usualLayouts} />
          <Select label={t.editor.zone} data={zones()} searchable clearable limit={60} value={step.zone || null} onChange={(zone) => set({ zone: zone ?? '' })} placeholder="UTC" />
        </>
      )}
      {step.do === 'normalise' && (
        <Select
          label={t.editor.how}
          data={(['trim', 'lower', 'upper'] as const).map((value) => ({ value, label: t.editor.hows[value] }))}
          value={step.how ?? 'trim'}
          onChange={(how) => set({ how: how as NonNullable<MappingStep['how']> })}
        />
      )}
      {has(step.do, 'event') && !renames && step.do !== 'drop_event' && (
        <NameInput label={t.editor.inEvent} value={step.event ?? ''} onChange={(event) => set({ event })} known={known.events} placeholder={t.editor.everyEvent} />
      )}
    </>
  )
}

function ValueInput({ value, onChange }: { value: unknown; onChange: (value: string | number | boolean | undefined) => void }) {
  const [type, setType] = useState<Type>(typeOf(value))
  const [typed, setTyped] = useState(value === undefined || value === null ? '' : String(value))
  const give = (typed: string, type: Type) => {
    setTyped(typed)
    setType(type)
    onChange(valueOf(typed, type))
  }
  return (
    <>
      <Select
        label={t.editor.value}
        data={(['text', 'number', 'boolean'] as const).map((value) => ({ value, label: t.editor.types[value] }))}
        value={type}
        onChange={(to) => give(to === 'boolean' ? 'true' : typed === 'true' || typed === 'false' ? '' : typed, to as Type)}
      />
      {type === 'boolean' ? (
        <Select label={t.editor.which} data={['true', 'false']} value={typed} onChange={(to) => give(to ?? 'true', type)} />
      ) : (
        <TextInput
          label={t.editor.types[type]}
          inputMode={type === 'number' ? 'decimal' : 'text'}
          value={typed}
          onChange={({ currentTarget }) => give(currentTarget.value, type)}
          error={type === 'number' && typed.trim() !== '' && valueOf(typed, type) === undefined ? t.editor.notNumber : undefined}
        />
      )}
    </>
  )
}
