import { NumberInput, Select, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'

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
  name: (name: string) => (name.trim() ? null : 'Give the shop a name'),
  timeZone: (zone: string) => (zone ? null : 'Choose its time zone'),
  width: (metres: number | '') => (Number(metres) >= 1 ? null : 'At least a metre'),
  depth: (metres: number | '') => (Number(metres) >= 1 ? null : 'At least a metre'),
}

export const timeZones = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', Intl.DateTimeFormat().resolvedOptions().timeZone])].toSorted()
export const currencies = ['EUR', 'GBP', 'USD', 'CHF', 'DKK', 'NOK', 'SEK', 'PLN', 'CZK', 'HUF', 'RON', 'TRY', 'AED', 'AUD', 'BRL', 'CAD', 'CNY', 'INR', 'JPY', 'KRW', 'MXN', 'NZD', 'SGD', 'ZAR']

export function ShopFields({ form }: { form: UseFormReturnType<ShopDraft> }) {
  return (
    <div className="fields">
      <TextInput label="Name" placeholder="Rotterdam Centraal" required maxLength={80} autoFocus {...form.getInputProps('name')} />
      <Select className="w8" label="Time zone" description="quiet hours and schedules follow it" searchable required data={timeZones} limit={60} {...form.getInputProps('timeZone')} />
      <Select className="w4" label="Currency" description="of its offers" searchable data={currencies} {...form.getInputProps('currency')} />
      <NumberInput className="w6" label="Width of the floor" description="left to right on the plan" suffix=" m" min={1} decimalScale={1} required {...form.getInputProps('width')} />
      <NumberInput className="w6" label="Depth of the floor" description="top to bottom on the plan" suffix=" m" min={1} decimalScale={1} required {...form.getInputProps('depth')} />
    </div>
  )
}
