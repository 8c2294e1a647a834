import { Autocomplete, Button, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { Trash2 } from 'lucide-react'
import type { Draft, OfferDraft } from './draft'
import { kindOf, Preview } from './Preview'

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
    <div className="representation" role="group" aria-label={`How it looks in ${one.placement || 'a placement'}`}>
      <div className="fields">
        <Autocomplete className="w8" size="xs" label="Shown in" description="a kind, or one of its places: web/home-banner" required data={[...new Set([...kinds, ...form.values.placements])]} {...field('placement')} />
        {!readOnly && (
          <Button className="w4" mt={40} variant="subtle" color="gray" leftSection={<Trash2 size={13} />} onClick={onRemove}>
            Remove
          </Button>
        )}
        <TextInput label={kind === 'email' ? 'Subject' : 'Title'} maxLength={160} placeholder={offer.title} {...field('title')} />
        <Textarea label="Text" autosize minRows={1} maxRows={5} maxLength={2000} placeholder={offer.body} {...field('text')} />
        {!message && (
          <>
            <TextInput label="Picture" placeholder="https://… or /…" {...field('image')} />
            <TextInput className="w8" label="Leads to" placeholder="https://… or /…" {...field('link')} />
            <TextInput className="w4" label="Button" maxLength={60} placeholder="See it" {...field('button')} />
          </>
        )}
      </div>
      <Preview kind={kind} look={{ ...one, ...(!one.title && !one.text && { title: offer.title, text: offer.body }) }} />
    </div>
  )
}
