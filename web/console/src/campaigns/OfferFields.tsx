import type { Zone } from '@aisle/api'
import { plural } from '@aisle/ui'
import { Button, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { Trash2 } from 'lucide-react'
import type { Draft } from './draft'
import { placeholders, preview, segments, unknownPlaceholders } from './sms'

interface OfferFieldsProps {
  form: UseFormReturnType<Draft>
  at: number
  zones: Zone[]
  shopName: string
  readOnly: boolean
}

/** One offer: what it is, where it is used, what it is worth, and how it reads on a phone. */
export function OfferFields({ form, at, zones, shopName, readOnly }: OfferFieldsProps) {
  const offer = form.values.offers[at]!
  const field = (name: string) => ({ ...form.getInputProps(`offers.${at}.${name}`), disabled: readOnly })
  const zoneList = [...new Map(zones.map(({ id, name }) => [id, name]))].map(([value, label]) => ({ value, label }))
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
        <Textarea label="A sentence more, for the app" autosize minRows={1} maxRows={4} {...field('body')} />
        <TextInput className="w3" label="Category" description="as events spell it" placeholder="footwear" {...field('category')} />
        <Select className="w3" label="Used in zone" description="for the walking distance" placeholder="Anywhere" clearable data={zoneList} {...field('zone')} value={offer.zone || null} onChange={(zone) => form.setFieldValue(`offers.${at}.zone`, zone ?? '')} />
        <NumberInput className="w3" label="Worth to the shop" description="of one redemption" suffix={` ${offer.currency}`} min={0} decimalScale={2} {...field('value')} />
        <NumberInput className="w3" label="Discount" description="of the price" suffix=" %" min={0} max={100} {...field('discountPercent')} />
        {form.values.channels.includes('sms') && (
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
            <SmsPreview template={offer.sms} title={offer.title || 'the offer’s title'} shop={shopName} />
          </>
        )}
      </div>
    </div>
  )
}

/** How the message reads on a phone, and what it costs. */
function SmsPreview({ template, title, shop }: { template: string; title: string; shop: string }) {
  if (!template.trim()) return null
  const text = preview(template, { title, shop })
  const { segments: parts, letters, left, encoding, odd } = segments(text)
  const unknown = unknownPlaceholders(template)
  return (
    <div className="sms" aria-label="How it reads on a phone" role="group">
      <p className="bubble">{text}</p>
      <p className="dim small num">
        {plural(parts, 'segment')} with this sample · {letters} letters, {left} left · {encoding}
      </p>
      {unknown.length > 0 && (
        <p className="error">
          Nobody knows {unknown.map((name) => `{{${name}}}`).join(', ')}: choose of {placeholders.map((name) => `{{${name}}}`).join(', ')}.
        </p>
      )}
      {encoding === 'UCS-2' && (
        <p className="small dim">
          “{odd}” is not of the phones’ own alphabet, so a segment holds 70 letters instead of 160.
        </p>
      )}
    </div>
  )
}
