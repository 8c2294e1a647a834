import { ActionIcon, Autocomplete, Button, NumberInput, TagsInput, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { Plus, Trash2 } from 'lucide-react'
import { newContext, type Draft } from './draft'
import { t } from './words'

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
    <section className="card block" aria-label={t.places.title}>
      <h2>{t.places.title}</h2>
      <p className="dim small">
        {t.places.ask} <code dir="ltr">POST /v1/decide</code>
        {t.places.askMore}
      </p>
      <div className="fields">
        <TagsInput className="w6" label={t.places.placements} description={t.places.placementsNote} placeholder={placements.length === 0 ? t.places.none : ''} splitChars={[',', ' ']} {...listed('placements')} />
        <TagsInput className="w6" label={t.places.fallback} description={t.places.fallbackNote} placeholder={fallback.length === 0 ? t.places.none : ''} splitChars={[',', ' ']} {...listed('fallback')} />
        <div role="group" aria-label={t.places.contexts}>
          <p className="strong small">{t.places.contextsHead}</p>
          <ul className="rows" style={{ marginTop: 6 }}>
            {contexts.map(({ key }, n) => (
              <li key={key}>
                <Autocomplete size="xs" aria-label={t.places.what(n + 1)} placeholder="weather" data={contextKeys} disabled={readOnly} {...form.getInputProps(`contexts.${n}.name`)} />
                <TextInput aria-label={t.places.is(n + 1)} placeholder="rain" maxLength={100} disabled={readOnly} {...form.getInputProps(`contexts.${n}.value`)} />
                <NumberInput aria-label={t.places.percent(n + 1)} suffix=" %" min={-100} max={1000} step={5} disabled={readOnly} {...form.getInputProps(`contexts.${n}.percent`)} />
                {!readOnly && (
                  <ActionIcon variant="subtle" color="gray" aria-label={t.places.remove(n + 1)} onClick={() => form.removeListItem('contexts', n)}>
                    <Trash2 size={14} />
                  </ActionIcon>
                )}
              </li>
            ))}
          </ul>
          {!readOnly && (
            <Button mt={contexts.length > 0 ? 10 : 0} variant="default" size="compact-xs" leftSection={<Plus size={13} />} onClick={() => form.insertListItem('contexts', newContext())}>
              {t.places.add}
            </Button>
          )}
        </div>
      </div>
    </section>
  )
}
