import type { Zone } from '@aisle/api'
import { money, toMinor } from '@aisle/ui'
import { Button, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { Languages, Plus, Trash2 } from 'lucide-react'
import { newRepresentation, newTranslation, type Draft } from './draft'
import { languageChoices, languageName } from './languages'
import { braced, Preview, SmsPreview } from './Preview'
import './preview.css'
import { RepresentationFields } from './RepresentationFields'
import { placeholders } from './sms'
import { t } from './words'

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
  const title = offer.title || t.offer.itsTitle
  const says = {
    title,
    shop: shopName,
    zone: zones.find(({ id }) => id === offer.zone)?.name ?? '',
    value: offer.value ? money({ minor: toMinor(offer.value, offer.currency), currency: offer.currency }) : '',
    discount: offer.discountPercent ? `${offer.discountPercent}%` : '',
  }
  const missing = [...placements, ...(channels.includes('push') ? ['push'] : []), ...(channels.includes('email') ? ['email'] : [])].find(
    (placement) => !offer.representations.some((one) => one.placement === placement),
  )
  return (
    <div className="offer">
      <div className="between">
        <h3>{form.values.offers.length > 1 ? t.offer.one(at + 1) : t.offer.the}</h3>
        {form.values.offers.length > 1 && !readOnly && (
          <Button variant="subtle" color="gray" size="compact-xs" leftSection={<Trash2 size={13} />} onClick={() => form.removeListItem('offers', at)}>
            {t.remove}
          </Button>
        )}
      </div>
      <div className="fields">
        <TextInput className="w8" label={t.offer.title} placeholder={t.offer.titlePlaceholder} dir="auto" required maxLength={120} {...field('title')} />
        <NumberInput className="w4" label={t.offer.valid} suffix={` ${t.form.h}`} min={0} decimalScale={2} required {...field('validHours')} />
        <NumberInput className="w4" label={t.offer.away} description={t.offer.awayNote} placeholder={t.offer.never} suffix={` ${t.form.min}`} min={0} decimalScale={2} {...field('awayMinutes')} />
        <Textarea label={t.offer.body} dir="auto" autosize minRows={1} maxRows={4} {...field('body')} />
        <TextInput className="w4" label={t.offer.category} description={t.offer.categoryNote} placeholder="footwear" {...field('category')} />
        <Select className="w4" label={t.offer.zone} description={t.offer.zoneNote} placeholder={t.offer.anywhere} clearable data={zoneList} {...field('zone')} value={offer.zone || null} onChange={(zone) => form.setFieldValue(`${path}.zone`, zone ?? '')} />
        <NumberInput className="w4" label={t.offer.stock} description={t.offer.stockNote} placeholder={t.offer.anyNumber} min={0} allowDecimal={false} {...field('stock')} />
        <NumberInput className="w4" label={t.offer.margin} description={t.offer.marginNote} suffix={` ${offer.currency}`} min={0} decimalScale={2} {...field('value')} />
        <NumberInput className="w4" label={t.offer.discount} description={t.offer.discountNote} suffix=" %" min={0} max={100} {...field('discountPercent')} />
        {channels.includes('app') && <Preview kind="app" look={{ title, text: offer.body }} />}
        {channels.includes('sms') && (
          <>
            <Textarea
              label={t.offer.sms}
              description={t.offer.smsNote(braced(placeholders))}
              dir="auto"
              autosize
              minRows={2}
              maxRows={6}
              required
              {...field('sms')}
            />
            <SmsPreview template={offer.sms} values={says} />
            {offer.translations.map(({ key, language, sms }, n) => (
              <div key={key} className="representation">
                <div className="fields">
                  <Select className="w8" label={t.offer.language} required searchable data={languageChoices(language)} {...field(`translations.${n}.language`)} />
                  {!readOnly && (
                    <Button className="w4" mt={22} variant="subtle" color="gray" leftSection={<Trash2 size={13} />} onClick={() => form.removeListItem(`${path}.translations`, n)}>
                      {t.remove}
                    </Button>
                  )}
                  <Textarea label={language ? t.offer.smsIn(languageName(language)) : t.offer.sms} autosize minRows={2} maxRows={6} required dir="auto" {...field(`translations.${n}.sms`)} />
                </div>
                <SmsPreview template={sms} values={says} />
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
              {t.offer.elsewhere}
            </Button>
            {channels.includes('sms') && (
              <Button variant="default" size="compact-xs" leftSection={<Languages size={13} />} onClick={() => form.insertListItem(`${path}.translations`, newTranslation())}>
                {t.offer.otherLanguage}
              </Button>
            )}
          </div>
        )}
      </div>
    </div>
  )
}
