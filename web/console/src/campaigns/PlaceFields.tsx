import { ActionIcon, Autocomplete, Button, NumberInput, TagsInput, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { Plus, Trash2 } from 'lucide-react'
import { newContext, type Draft } from './draft'

/** What the moment itself can be asked; a page may say more of itself, such as the weather. */
const contextKeys = ['shop', 'zone', 'zone_kind', 'category', 'tier', 'hour', 'weekday', 'event', 'placement']

/** Where pages and screens ask for the campaign, what is shown where nothing else can be, and where it counts for more. */
export function PlaceFields({ form, readOnly }: { form: UseFormReturnType<Draft>; readOnly: boolean }) {
  const { placements, fallback, contexts } = form.values
  // The server tells of each of a list; a field shows the first.
  const listed = (name: 'placements' | 'fallback') => {
    const error = Object.entries(form.errors).find(([field]) => field === name || field.startsWith(`${name}.`))?.[1]
    return { ...form.getInputProps(name), disabled: readOnly, error }
  }
  return (
    <section className="card block" aria-label="Where pages and screens show it">
      <h2>Where pages and screens show it</h2>
      <p className="dim small">
        They ask for the best offer by <code>POST /v1/decide</code>. Each of these needs an offer that says below how it looks there.
      </p>
      <div className="fields">
        <TagsInput className="w6" label="Placements" description="web, app or wall, and which: web/home-banner" placeholder={placements.length === 0 ? 'None' : ''} splitChars={[',', ' ']} {...listed('placements')} />
        <TagsInput className="w6" label="Fallback of" description="shown there where nothing else can be" placeholder={fallback.length === 0 ? 'None' : ''} splitChars={[',', ' ']} {...listed('fallback')} />
        <div role="group" aria-label="Counts for more where">
          <p className="strong small">Counts for more, or less, where</p>
          <ul className="rows" style={{ marginTop: 6 }}>
            {contexts.map(({ key }, n) => (
              <li key={key}>
                <Autocomplete size="xs" aria-label={`What, of ${n + 1}`} placeholder="weather" data={contextKeys} disabled={readOnly} {...form.getInputProps(`contexts.${n}.name`)} />
                <TextInput aria-label={`Is, of ${n + 1}`} placeholder="rain" maxLength={100} disabled={readOnly} {...form.getInputProps(`contexts.${n}.value`)} />
                <NumberInput aria-label={`Per cent, of ${n + 1}`} suffix=" %" min={-100} max={1000} step={5} disabled={readOnly} {...form.getInputProps(`contexts.${n}.percent`)} />
                {!readOnly && (
                  <ActionIcon variant="subtle" color="gray" aria-label={`Remove ${n + 1}`} onClick={() => form.removeListItem('contexts', n)}>
                    <Trash2 size={14} />
                  </ActionIcon>
                )}
              </li>
            ))}
          </ul>
          {!readOnly && (
            <Button mt={contexts.length > 0 ? 10 : 0} variant="default" size="compact-xs" leftSection={<Plus size={13} />} onClick={() => form.insertListItem('contexts', newContext())}>
              Where it counts for more
            </Button>
          )}
        </div>
      </div>
    </section>
  )
}
