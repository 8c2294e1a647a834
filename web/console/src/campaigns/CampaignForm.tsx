import { useModel, useScenarios, useSegments, type CampaignDraft, type Shop } from '@aisle/api'
import { locale, triggerChoices, triggerWord } from '@aisle/ui'
import { Button, Checkbox, Chip, Group, MultiSelect, NumberInput, Select, Textarea, TextInput, type InputWrapperProps } from '@mantine/core'
import { DateTimePicker, TimePicker } from '@mantine/dates'
import { useForm } from '@mantine/form'
import 'dayjs/locale/ar'
import 'dayjs/locale/nl'
import { Plus } from 'lucide-react'
import { useRef, type ReactNode } from 'react'
import { NotKept, SaveBar, useKeeping } from '../edited'
import { language } from '../language'
import { AudienceCount } from '../segments/AudienceCount'
import { campaignOf, draftOf, mistakes, newOffer, overnight, renamed, scenarioCompleted, type Draft, type RuleName } from './draft'
import { OfferFields } from './OfferFields'
import { PlaceFields } from './PlaceFields'
import { PreflightButton } from './PreflightButton'
import { RuleFields } from './RuleFields'
import { write } from './write'
import { RuleEditor } from './RuleEditor'
import { t } from './words'

interface CampaignFormProps<C extends CampaignDraft> {
  campaign: C
  shops: Shop[]
  readOnly?: boolean
  /** It was never kept, so it can be kept unchanged. */
  isNew?: boolean
  /** What the button says that keeps it. */
  saveLabel: string
  /** Keeps it; what the server refuses is shown beside its fields. */
  onSave: (campaign: C) => Promise<unknown>
  error: unknown
  onDirty?: (dirty: boolean) => void
  aside?: ReactNode
}

const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' })
/** By their numbers, of which Sunday has 0: so had the fourth of January 2026, which was one, its name. */
const weekdays = [1, 2, 3, 4, 5, 6, 0].map((n): [string, string] => [String(n), weekday.format(Date.UTC(2026, 0, 4 + n))])

/** Beside one another, fields begin at one height. */
const inputWrapperOrder: NonNullable<InputWrapperProps['inputWrapperOrder']> = ['label', 'input', 'description', 'error']

/** Where the one who writes is. */
const here = Intl.DateTimeFormat().resolvedOptions().timeZone

/** Everything about a campaign that a marketer decides. */
export function CampaignForm<C extends CampaignDraft>({ campaign, shops, readOnly = false, isNew = false, saveLabel, onSave, error, onDirty, aside }: CampaignFormProps<C>) {
  const currency = shops.find(({ id }) => id === campaign.trigger.shop)?.currency ?? shops[0]?.currency ?? 'EUR'
  const form = useForm<Draft>({ initialValues: draftOf(campaign, currency), validate: mistakes, validateInputOnBlur: false })
  const { values } = form
  const { undo, onSubmit } = useKeeping(form, { what: 'campaign', renamed, onDirty, keep: (values) => onSave(campaignOf(values, campaign)) })
  const scenarios = useScenarios()
  const segments = useSegments().data ?? []
  const own = useModel().data?.own.map(({ name }) => name) ?? []
  const models = [...new Set([...own, ...(campaign.model ? [campaign.model] : [])])]
  const focused = useRef<HTMLTextAreaElement>(null)

  const shop = shops.find(({ id }) => id === values.shop)
  const zones = (shop ? [shop] : shops).flatMap((shop) => shop.zones)
  const zoneChoices = [...new Map(zones.map(({ id, name }) => [id, name]))].map(([value, label]) => ({ value, label }))
  const known = triggerChoices()
  const events = !values.event || known.some(({ value }) => value === values.event) ? known : [...known, { value: values.event, label: triggerWord(values.event) }]
  const field = (name: keyof Draft) => ({ ...form.getInputProps(name), disabled: readOnly })
  const away = shops.some(({ time_zone }) => time_zone !== here)
  const day = (name: 'from' | 'until') => ({
    ...field(name),
    locale: language,
    label: t.form[name],
    clearable: true,
    valueFormat: 'D MMM YYYY, HH:mm',
    value: values[name] ? new Date(values[name]) : null,
    onChange: (time: string | null) => form.setFieldValue(name, time ?? ''),
    ...(away && { description: t.form.here(here) }),
    inputWrapperOrder,
  })
  const time = (name: 'fromTime' | 'untilTime') => {
    const label = t.form[name]
    return { ...field(name), label, size: 'xs', clearable: !readOnly, hoursInputLabel: t.form.hours(label), minutesInputLabel: t.form.minutes(label), clearButtonProps: { 'aria-label': t.form.clear(label) } }
  }

  const pick = (name: string) => write(focused.current, name)

  const rule = (name: RuleName, label: string, description: string) => (
    <RuleEditor
      label={label}
      description={description}
      value={values[name]}
      tree={values.trees[name]}
      onChange={(text, tree) => {
        const { [name]: _before, ...others } = values.trees
        form.setValues({ [name]: text, trees: tree ? { ...others, [name]: tree } : others })
        form.clearFieldError(name)
      }}
      onFocus={(area) => {
        focused.current = area
      }}
      error={form.errors[name]}
      disabled={readOnly}
    />
  )

  return (
    <form className="two" noValidate onSubmit={onSubmit}>
      <div className="stack" style={{ gap: 16 }}>
        <section className="card block" aria-label={t.form.name}>
          <div className="fields">
            <TextInput label={t.form.name} required maxLength={120} dir="auto" placeholder={t.form.namePlaceholder} {...field('name')} />
            <Textarea label={t.form.purpose} dir="auto" autosize minRows={1} maxRows={4} {...field('description')} />
          </div>
        </section>

        <section className="card block" aria-label={t.form.when}>
          <h2>{t.form.when}</h2>
          <div className="fields">
            <Select
              className="w6"
              label={t.form.trigger}
              placeholder={t.form.noTrigger}
              clearable
              searchable
              data={events}
              {...field('event')}
              value={values.event || null}
              onChange={(event) => form.setFieldValue('event', event ?? '')}
            />
            {values.event === scenarioCompleted && (
              <Select
                className="w6"
                label={t.form.scenario}
                placeholder={t.form.anyScenario}
                clearable
                searchable
                data={(scenarios.data ?? []).map(({ scenario: { id, name } }) => ({ value: id, label: name }))}
                {...field('scenario')}
                value={values.scenario || null}
                onChange={(id) => form.setFieldValue('scenario', id ?? '')}
              />
            )}
            <Select
              className="w6"
              label={t.form.shop}
              placeholder={t.form.anyShop}
              clearable
              data={shops.map(({ id, name }) => ({ value: id, label: name }))}
              {...field('shop')}
              value={values.shop || null}
              onChange={(id) => {
                const left = shops.find((shop) => shop.id === id)?.zones.map((zone) => zone.id)
                form.setFieldValue('shop', id ?? '')
                if (left) form.setFieldValue('zones', values.zones.filter((zone) => left.includes(zone)))
              }}
            />
            <MultiSelect label={t.form.zones} placeholder={values.zones.length === 0 ? t.form.anyZone : ''} clearable searchable data={zoneChoices} {...field('zones')} />
            <DateTimePicker className="w3" placeholder={t.form.noBeginning} {...day('from')} />
            <DateTimePicker className="w3" placeholder={t.form.noEnd} {...day('until')} />
            <TimePicker className="w3" {...time('fromTime')} />
            <TimePicker className="w3" {...time('untilTime')} description={overnight(values) && t.form.nextDay} inputWrapperOrder={inputWrapperOrder} />
            <div role="group" aria-label={t.form.days}>
              <Chip.Group multiple value={values.days} onChange={(days) => form.setFieldValue('days', days)}>
                <Group gap={6}>
                  {weekdays.map(([value, name]) => (
                    <Chip key={value} value={value} size="xs" disabled={readOnly}>
                      {name}
                    </Chip>
                  ))}
                  <span className="dim small">{values.days.length === 0 || values.days.length === 7 ? t.form.everyDay : t.form.shopTime}</span>
                </Group>
              </Chip.Group>
            </div>
          </div>
        </section>

        <section className="card block" aria-label={t.form.who}>
          <h2>{t.form.who}</h2>
          <MultiSelect
            label={t.form.segments}
            description={t.form.segmentsNote}
            placeholder={values.segments.length === 0 ? t.form.everybody : ''}
            clearable
            searchable
            nothingFoundMessage={t.form.noSegment}
            data={segments.map(({ segment: { id, name } }) => ({ value: id, label: name }))}
            {...field('segments')}
          />
          {rule('eligibility', t.form.eligibility, t.form.eligibilityNote)}
          <AudienceCount of={{ ...(values.trees.eligibility ? { tree: values.trees.eligibility } : { expression: values.eligibility }), segments: values.segments, channels: values.channels }} />
          {rule('applicability', t.form.applicability, t.form.applicabilityNote)}
          {rule('suitability', t.form.suitability, t.form.suitabilityNote)}
        </section>

        <section className="card block" aria-label={t.form.what}>
          <div className="between">
            <h2>{t.form.what}</h2>
            {!readOnly && (
              <Button variant="default" size="compact-xs" leftSection={<Plus size={13} />} onClick={() => form.insertListItem('offers', newOffer(currency))}>
                {t.form.anotherOffer}
              </Button>
            )}
          </div>
          <Checkbox.Group label={t.form.channels} required {...form.getInputProps('channels')}>
            <Group gap={16} mt={4}>
              <Checkbox value="app" label={t.form.app} disabled={readOnly} />
              <Checkbox value="push" label={t.form.push} disabled={readOnly} />
              <Checkbox value="sms" label={t.form.sms} disabled={readOnly} />
              <Checkbox value="email" label={t.form.email} disabled={readOnly} />
              <Checkbox value="webhook" label={t.form.webhook} disabled={readOnly} />
            </Group>
          </Checkbox.Group>
          {values.offers.map((offer, i) => (
            <OfferFields key={offer.key} form={form} at={i} zones={zones} shopName={shop?.name ?? shops[0]?.name ?? t.form.yourShop} readOnly={readOnly} />
          ))}
          {form.errors.offers && <p className="error">{form.errors.offers}</p>}
        </section>

        <PlaceFields form={form} readOnly={readOnly} />

        <section className="card block" aria-label={t.form.limits}>
          <h2>{t.form.limits}</h2>
          <div className="fields">
            <NumberInput className="w4" label={t.form.times} description={t.form.timesNote} placeholder={t.form.noLimit} suffix=" ×" min={0} allowDecimal={false} {...field('capTimes')} />
            <NumberInput className="w4" label={t.form.within} description={t.form.withinNote} placeholder={t.form.aDay} suffix={` ${t.form.h}`} min={0} decimalScale={2} {...field('capHours')} />
            <NumberInput className="w4" label={t.form.cooldown} description={t.form.cooldownNote} placeholder={t.form.noCooldown} suffix={` ${t.form.h}`} min={0} decimalScale={2} {...field('cooldownHours')} />
            {values.placements.length > 0 && <Checkbox label={t.form.perPlacement} {...form.getInputProps('capPerPlacement', { type: 'checkbox' })} disabled={readOnly} />}
            <NumberInput className="w4" label={t.form.weight} description={t.form.weightNote} placeholder="1" min={0} step={0.1} decimalScale={3} {...field('weight')} />
            <NumberInput className="w4" label={t.form.lever} description={t.form.leverNote} placeholder="0 %" suffix=" %" step={5} {...field('lever')} />
            <TextInput className="w4" label={t.form.group} description={t.form.groupNote} placeholder={t.form.groupPlaceholder} maxLength={60} {...field('group')} />
            <NumberInput className="w4" label={t.form.holdout} description={t.form.holdoutNote} placeholder={t.form.nobody} suffix=" %" min={0} max={100} decimalScale={2} {...field('holdoutPercent')} />
            {(values.offers.length > 1 || values.splitPercent) && (
              <NumberInput className="w4" label={t.form.split} description={t.form.splitNote} placeholder={t.form.nobody} suffix=" %" min={0} max={100} decimalScale={2} {...field('splitPercent')} />
            )}
            {models.length > 0 && (
              <Select
                className="w4"
                label={t.form.model}
                description={t.form.modelNote}
                data={[{ value: '', label: t.form.houseModel }, ...models.map((name) => ({ value: name, label: name }))]}
                allowDeselect={false}
                {...field('model')}
              />
            )}
          </div>
        </section>

        {!readOnly && (
          <SaveBar form={form} isNew={isNew} label={saveLabel} undo={undo}>
            <PreflightButton campaign={() => (form.validate().hasErrors ? undefined : campaignOf(form.getValues(), campaign))} currency={currency} />
          </SaveBar>
        )}
      </div>
      <aside>
        {error ? <NotKept error={error} /> : null}
        {aside}
        {!readOnly && <RuleFields onPick={pick} />}
      </aside>
    </form>
  )
}
