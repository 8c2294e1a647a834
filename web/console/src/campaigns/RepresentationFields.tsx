import { Autocomplete, Button, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { Trash2 } from 'lucide-react'
import type { Draft, OfferDraft } from './draft'
import { kindOf, Preview } from './Preview'
import { t } from './words'

interface RepresentationFieldsProps {
  form: UseFormReturnType<Draft>
  path: string
  offer: OfferDraft
  at: number
  readOnly: boolean
  onRemove: () => void
}

/** Kinds of placements that an offer can be written for beside the app's card and the text message, and what each is. */
const kinds = ['web', 'wall', 'push', 'email']

/** How an offer looks in one placement, or in all of a kind; beside it, how that is. */
export function RepresentationFields({ form, path, offer, at, readOnly, onRemove }: RepresentationFieldsProps) {
  const one = offer.representations[at]!
  const kind = kindOf(one.placement)
  const field = (name: string) => ({ ...form.getInputProps(`${path}.${name}`), disabled: readOnly })
  const message = kind === 'push' || kind === 'email'
  return (
    <div className="representation" role="group" aria-label={t.representation.label(one.placement || t.representation.somewhere)}>
      <div className="fields">
        <Autocomplete className="w8" size="xs" label={t.representation.placement} description={t.representation.placementNote} dir="ltr" required data={[...new Set([...kinds, ...form.values.placements])]} {...field('placement')} />
        {!readOnly && (
          <Button className="w4" mt={40} variant="subtle" color="gray" leftSection={<Trash2 size={13} />} onClick={onRemove}>
            {t.remove}
          </Button>
        )}
        <TextInput label={kind === 'email' ? t.representation.subject : t.representation.title} dir="auto" maxLength={160} placeholder={offer.title} {...field('title')} />
        <Textarea label={t.representation.text} dir="auto" autosize minRows={1} maxRows={5} maxLength={2000} placeholder={offer.body} {...field('text')} />
        {!message && (
          <>
            <TextInput label={t.representation.picture} placeholder={t.representation.address} {...field('image')} />
            <TextInput className="w8" label={t.representation.link} placeholder={t.representation.address} {...field('link')} />
            <TextInput className="w4" label={t.representation.button} dir="auto" maxLength={60} placeholder={t.representation.buttonPlaceholder} {...field('button')} />
          </>
        )}
      </div>
      <Preview kind={kind} look={{ ...one, ...(!one.title && !one.text && { title: offer.title, text: offer.body }) }} />
    </div>
  )
}
