import { useModel, useScenarios, useSegments, type CampaignDraft, type Shop } from '@aisle/api'
import { triggerChoices, triggerWord } from '@aisle/ui'
import { Button, Checkbox, Chip, Group, MultiSelect, NumberInput, Select, Textarea, TextInput } from '@mantine/core'
import { DateTimePicker, TimeInput } from '@mantine/dates'
import { useForm } from '@mantine/form'
import { Plus } from 'lucide-react'
import { useRef, type ReactNode } from 'react'
import { fieldErrors } from '../errors'
import { useUndo } from '../undo'
import { UndoButtons } from '../UndoButtons'
import { useUnsavedGuard } from '../unsaved'
import { AudienceCount } from '../segments/AudienceCount'
import { campaignOf, draftOf, mistakes, newOffer, renamed, scenarioCompleted, type Draft, type RuleName } from './draft'
import { OfferFields } from './OfferFields'
import { PlaceFields } from './PlaceFields'
import { PreflightButton } from './PreflightButton'
import { RuleFields } from './RuleFields'
import { write } from './write'
import { RuleEditor } from './RuleEditor'

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
  aside?: ReactNode
}

const weekdays = [
  ['1', 'Mon'],
  ['2', 'Tue'],
  ['3', 'Wed'],
  ['4', 'Thu'],
  ['5', 'Fri'],
  ['6', 'Sat'],
  ['0', 'Sun'],
] as const

/** Everything about a campaign that a marketer decides. */
export function CampaignForm<C extends CampaignDraft>({ campaign, shops, readOnly = false, isNew = false, saveLabel, onSave, error, aside }: CampaignFormProps<C>) {
  const currency = shops.find(({ id }) => id === campaign.trigger.shop)?.currency ?? shops[0]?.currency ?? 'EUR'
  const form = useForm<Draft>({ initialValues: draftOf(campaign, currency), validate: mistakes, validateInputOnBlur: false })
  const { values } = form
  const undo = useUndo(form)
  const scenarios = useScenarios()
  const segments = useSegments().data ?? []
  const own = useModel().data?.own.map(({ name }) => name) ?? []
  const models = [...new Set([...own, ...(campaign.model ? [campaign.model] : [])])]
  const focused = useRef<HTMLTextAreaElement>(null)
  const saving = useRef(false)

  useUnsavedGuard('campaign', () => form.isDirty() && !saving.current)

  const shop = shops.find(({ id }) => id === values.shop)
  const zones = (shop ? [shop] : shops).flatMap((shop) => shop.zones)
  const zoneChoices = [...new Map(zones.map(({ id, name }) => [id, name]))].map(([value, label]) => ({ value, label }))
  const known = triggerChoices()
  const events = !values.event || known.some(({ value }) => value === values.event) ? known : [...known, { value: values.event, label: triggerWord(values.event) }]
  const field = (name: keyof Draft) => ({ ...form.getInputProps(name), disabled: readOnly })

  const save = async (values: Draft) => {
    saving.current = true
    try {
      await onSave(campaignOf(values, campaign))
      form.resetDirty(values)
    } catch (error) {
      form.setErrors(fieldErrors(error, renamed))
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus())
    } finally {
      saving.current = false
    }
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
    <form
      className="two"
      noValidate
      onSubmit={form.onSubmit(save, () => requestAnimationFrame(() => document.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus()))}
    >
      <div className="stack" style={{ gap: 16 }}>
        <section className="card block" aria-label="Name">
          <div className="fields">
            <TextInput label="Name" required maxLength={120} placeholder="Dwell at the shoe wall" {...field('name')} />
            <Textarea label="What it is for" autosize minRows={1} maxRows={4} {...field('description')} />
          </div>
        </section>

        <section className="card block" aria-label="When it speaks">
          <h2>When it speaks</h2>
          <div className="fields">
            <Select
              className="w6"
              label="Trigger"
              placeholder="Nothing: pages and screens ask"
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
                label="Scenario"
                placeholder="Any scenario"
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
              label="Shop"
              placeholder="Any shop"
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
            <MultiSelect label="Zones" placeholder={values.zones.length === 0 ? 'Any zone' : ''} clearable searchable data={zoneChoices} {...field('zones')} />
            <DateTimePicker className="w3" label="Not before" placeholder="No beginning" clearable valueFormat="D MMM YYYY, HH:mm" {...field('from')} value={values.from ? new Date(values.from) : null} onChange={(time) => form.setFieldValue('from', time ?? '')} />
            <DateTimePicker className="w3" label="Not after" placeholder="No end" clearable valueFormat="D MMM YYYY, HH:mm" {...field('until')} value={values.until ? new Date(values.until) : null} onChange={(time) => form.setFieldValue('until', time ?? '')} />
            <TimeInput className="w3" label="Each day from" size="xs" {...field('fromTime')} />
            <TimeInput className="w3" label="until" size="xs" {...field('untilTime')} />
            <div role="group" aria-label="Days">
              <Chip.Group multiple value={values.days} onChange={(days) => form.setFieldValue('days', days)}>
                <Group gap={6}>
                  {weekdays.map(([value, name]) => (
                    <Chip key={value} value={value} size="xs" disabled={readOnly}>
                      {name}
                    </Chip>
                  ))}
                  <span className="dim small">{values.days.length === 0 || values.days.length === 7 ? 'Every day, in' : 'In'} the shop’s own time.</span>
                </Group>
              </Chip.Group>
            </div>
          </div>
        </section>

        <section className="card block" aria-label="Who gets it">
          <h2>Who gets it</h2>
          <MultiSelect
            label="Segments"
            description="It is for those who belong to all of them"
            placeholder={values.segments.length === 0 ? 'Everybody' : ''}
            clearable
            searchable
            nothingFoundMessage="No segment of that name"
            data={segments.map(({ segment: { id, name } }) => ({ value: id, label: name }))}
            {...field('segments')}
          />
          {rule('eligibility', 'May they?', 'Who the offer is for at all')}
          <AudienceCount of={{ ...(values.trees.eligibility ? { tree: values.trees.eligibility } : { expression: values.eligibility }), segments: values.segments, channels: values.channels }} />
          {rule('applicability', 'Does it make sense now?', 'What must be so at this moment')}
          {rule('suitability', 'Should we?', 'What speaks against it, beside the limits below')}
        </section>

        <section className="card block" aria-label="What is offered">
          <div className="between">
            <h2>What is offered</h2>
            {!readOnly && (
              <Button variant="default" size="compact-xs" leftSection={<Plus size={13} />} onClick={() => form.insertListItem('offers', newOffer(currency))}>
                Another offer
              </Button>
            )}
          </div>
          <Checkbox.Group label="Channels" required {...form.getInputProps('channels')}>
            <Group gap={16} mt={4}>
              <Checkbox value="app" label="In the shopper’s app" disabled={readOnly} />
              <Checkbox value="push" label="Notification" disabled={readOnly} />
              <Checkbox value="sms" label="Text message" disabled={readOnly} />
              <Checkbox value="email" label="E-mail" disabled={readOnly} />
              <Checkbox value="webhook" label="Webhook" disabled={readOnly} />
            </Group>
          </Checkbox.Group>
          {values.offers.map((offer, i) => (
            <OfferFields key={offer.key} form={form} at={i} zones={zones} shopName={shop?.name ?? shops[0]?.name ?? 'your shop'} readOnly={readOnly} />
          ))}
          {form.errors.offers && <p className="error">{form.errors.offers}</p>}
        </section>

        <PlaceFields form={form} readOnly={readOnly} />

        <section className="card block" aria-label="Limits and weight">
          <h2>Limits and weight</h2>
          <div className="fields">
            <NumberInput className="w4" label="At most" description="offers to one shopper" placeholder="No limit" suffix=" ×" min={0} allowDecimal={false} {...field('capTimes')} />
            <NumberInput className="w4" label="within" description="24 h if empty" placeholder="24 h" suffix=" h" min={0} decimalScale={2} {...field('capHours')} />
            <NumberInput className="w4" label="Pause after one" description="before the next to the same shopper" placeholder="None" suffix=" h" min={0} decimalScale={2} {...field('cooldownHours')} />
            {values.placements.length > 0 && <Checkbox label="In each placement by itself" {...form.getInputProps('capPerPlacement', { type: 'checkbox' })} disabled={readOnly} />}
            <NumberInput className="w4" label="Weight" description="C: against other campaigns" placeholder="1" min={0} step={0.1} decimalScale={3} {...field('weight')} />
            <NumberInput className="w4" label="Lever" description="L: your thumb on the scale" placeholder="0 %" suffix=" %" step={5} {...field('lever')} />
            <TextInput className="w4" label="Group" description="that scenarios may silence" placeholder="sales" maxLength={60} {...field('group')} />
            <NumberInput className="w4" label="Held out" description="who never get it, to measure it" placeholder="0 %" suffix=" %" min={0} max={100} decimalScale={2} {...field('holdoutPercent')} />
            {(values.offers.length > 1 || values.splitPercent) && (
              <NumberInput className="w4" label="Compared" description="who keep to one of its offers each" placeholder="0 %" suffix=" %" min={0} max={100} decimalScale={2} {...field('splitPercent')} />
            )}
            {models.length > 0 && (
              <Select
                className="w4"
                label="Model"
                description="that says how likely it is taken"
                data={[{ value: '', label: "The house's" }, ...models.map((name) => ({ value: name, label: name }))]}
                allowDeselect={false}
                {...field('model')}
              />
            )}
          </div>
        </section>

        {!readOnly && (
          <div className="save-bar">
            <UndoButtons {...undo} />
            <span className="grow dim small" role="status">
              {Object.keys(form.errors).length > 0 ? <span className="error">Some fields need a look.</span> : form.isDirty() || isNew ? 'Not kept yet.' : 'Everything is kept.'}
            </span>
            {form.isDirty() && (
              <Button variant="default" onClick={form.reset}>
                Undo changes
              </Button>
            )}
            <PreflightButton campaign={() => (form.validate().hasErrors ? undefined : campaignOf(form.getValues(), campaign))} currency={currency} />
            <Button type="submit" disabled={!isNew && !form.isDirty()} loading={form.submitting}>
              {saveLabel}
            </Button>
          </div>
        )}
      </div>
      <aside>
        {error ? <ErrorNote error={error} /> : null}
        {aside}
        {!readOnly && <RuleFields onPick={pick} />}
      </aside>
    </form>
  )
}

const ErrorNote = ({ error }: { error: unknown }) => (
  <div className="problem" role="alert">
    <p>{error instanceof Error ? error.message : 'It could not be kept.'}</p>
  </div>
)
