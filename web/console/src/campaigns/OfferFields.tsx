import type { Zone } from '@aisle/api'
import { Button, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { Languages, Plus, Trash2 } from 'lucide-react'
import { newRepresentation, newTranslation, type Draft } from './draft'
import { languageChoices, languageName } from './languages'
import { Preview, SmsPreview } from './Preview'
import './preview.css'
import { RepresentationFields } from './RepresentationFields'
import { placeholders } from './sms'

interface OfferFieldsProps {
  form: UseFormReturnType<Draft>
  at: number
  zones: Zone[]
  shopName: string
  readOnly: boolean
}

/** One offer: what it is, where it is used, what it is worth, and how it looks wherever it is shown. */
export function OfferFields({ form, at, zones, shopName, readOnly }: OfferFieldsProps) {
  const offer = form.values.offers[at]!
  const { channels, placements } = form.values
  const path = `offers.${at}`
  const field = (name: string) => ({ ...form.getInputProps(`${path}.${name}`), disabled: readOnly })
  const zoneList = [...new Map(zones.map(({ id, name }) => [id, name]))].map(([value, label]) => ({ value, label }))
  const title = offer.title || 'the offer’s title'
  const missing = [...placements, ...(channels.includes('push') ? ['push'] : []), ...(channels.includes('email') ? ['email'] : [])].find(
    (placement) => !offer.representations.some((one) => one.placement === placement),
  )
  return (
    <div className="offer">
      <div className="between">
        <h3>{form.values.offers.length > 1 ? `Offer ${at + 1}` : 'The offer'}</h3>
        {form.values.offers.length > 1 && !readOnly && (
          <Button variant="subtle" color="gray" size="compact-xs" leftSection={<Trash2 size={13} />} onClick={() => form.removeListItem('offers', at)}>
            Remove
          </Button>
        )}
      </div>
      <div className="fields">
        <TextInput className="w8" label="Title" placeholder="20% off running shoes" required maxLength={120} {...field('title')} />
        <NumberInput className="w4" label="Can be redeemed for" suffix=" h" min={0} decimalScale={2} required {...field('validHours')} />
        <NumberInput className="w4" label="Ends when they leave" description="the shop, and are away for so long" placeholder="Never" suffix=" min" min={0} decimalScale={2} {...field('awayMinutes')} />
        <Textarea label="A sentence more, for the app" autosize minRows={1} maxRows={4} {...field('body')} />
        <TextInput className="w4" label="Category" description="as events spell it" placeholder="footwear" {...field('category')} />
        <Select className="w4" label="Used in zone" description="for the walking distance" placeholder="Anywhere" clearable data={zoneList} {...field('zone')} value={offer.zone || null} onChange={(zone) => form.setFieldValue(`${path}.zone`, zone ?? '')} />
        <NumberInput className="w4" label="Stock" description="that can be redeemed at all" placeholder="Any number" min={0} allowDecimal={false} {...field('stock')} />
        <NumberInput className="w4" label="Margin" description="what one redemption is worth to the shop" suffix={` ${offer.currency}`} min={0} decimalScale={2} {...field('value')} />
        <NumberInput className="w4" label="Discount" description="of the price" suffix=" %" min={0} max={100} {...field('discountPercent')} />
        {channels.includes('app') && <Preview kind="app" look={{ title, text: offer.body }} />}
        {channels.includes('sms') && (
          <>
            <Textarea
              label="Text message"
              description={`Filled in for each shopper: ${placeholders.map((name) => `{{${name}}}`).join(' ')}`}
              autosize
              minRows={2}
              maxRows={6}
              required
              {...field('sms')}
            />
            <SmsPreview template={offer.sms} title={title} shop={shopName} />
            {offer.translations.map(({ key, language, sms }, n) => (
              <div key={key} className="representation">
                <div className="fields">
                  <Select className="w8" label="Language" required searchable data={languageChoices(language)} {...field(`translations.${n}.language`)} />
                  {!readOnly && (
                    <Button className="w4" mt={22} variant="subtle" color="gray" leftSection={<Trash2 size={13} />} onClick={() => form.removeListItem(`${path}.translations`, n)}>
                      Remove
                    </Button>
                  )}
                  <Textarea label={`Text message${language ? ` in ${languageName(language)}` : ''}`} autosize minRows={2} maxRows={6} required dir="auto" {...field(`translations.${n}.sms`)} />
                </div>
                <SmsPreview template={sms} title={title} shop={shopName} />
              </div>
            ))}
          </>
        )}
        {offer.representations.map(({ key }, n) => (
          <RepresentationFields key={key} form={form} path={`${path}.representations.${n}`} readOnly={readOnly} offer={offer} at={n} onRemove={() => form.removeListItem(`${path}.representations`, n)} />
        ))}
        {!readOnly && (
          <div className="row">
            <Button variant="default" size="compact-xs" leftSection={<Plus size={13} />} onClick={() => form.insertListItem(`${path}.representations`, newRepresentation(missing ?? 'web'))}>
              How it looks elsewhere
            </Button>
            {channels.includes('sms') && (
              <Button variant="default" size="compact-xs" leftSection={<Languages size={13} />} onClick={() => form.insertListItem(`${path}.translations`, newTranslation())}>
                The message in another language
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  )
}
