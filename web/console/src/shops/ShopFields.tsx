import { NumberInput, Select, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { t } from './words'

/** What there is to say of a shop before its plan. */
export interface ShopDraft {
  name: string
  timeZone: string
  currency: string
  width: number | ''
  depth: number | ''
}

export const newShopDraft = (): ShopDraft => ({
  name: '',
  timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  currency: 'EUR',
  width: 30,
  depth: 18,
})

export const shopMistakes = {
  name: (name: string) => (name.trim() ? null : t.fields.noName),
  timeZone: (zone: string) => (zone ? null : t.fields.noTimeZone),
  width: (metres: number | '') => (Number(metres) >= 1 ? null : t.fields.tooSmall),
  depth: (metres: number | '') => (Number(metres) >= 1 ? null : t.fields.tooSmall),
}

export const timeZones = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', Intl.DateTimeFormat().resolvedOptions().timeZone])].toSorted()
export const currencies = ['EUR', 'GBP', 'USD', 'CHF', 'DKK', 'NOK', 'SEK', 'PLN', 'CZK', 'HUF', 'RON', 'TRY', 'AED', 'AUD', 'BRL', 'CAD', 'CNY', 'INR', 'JPY', 'KRW', 'MXN', 'NZD', 'SGD', 'ZAR']

export function ShopFields({ form }: { form: UseFormReturnType<ShopDraft> }) {
  return (
    <div className="fields">
      <TextInput label={t.fields.name} placeholder={t.fields.namePlaceholder} required maxLength={80} autoFocus {...form.getInputProps('name')} />
      <Select className="w8" label={t.fields.timeZone} description={t.fields.timeZoneNote} searchable required data={timeZones} limit={60} {...form.getInputProps('timeZone')} />
      <Select className="w4" label={t.fields.currency} description={t.fields.currencyNote} searchable data={currencies} {...form.getInputProps('currency')} />
      <NumberInput className="w6" label={t.fields.width} description={t.fields.widthNote} suffix={t.unit.m('')} min={1} decimalScale={1} required {...form.getInputProps('width')} />
      <NumberInput className="w6" label={t.fields.depth} description={t.fields.depthNote} suffix={t.unit.m('')} min={1} decimalScale={1} required {...form.getInputProps('depth')} />
    </div>
  )
}
