import { Problem, useCampaigns, useConfigured, useHouse, useMay, useSaveHouse, useShops, words, type Configured, type House } from '@aisle/api'
import { ago, channelWord, Empty, minuteOfDay, plural, useNow } from '@aisle/ui'
import { ActionIcon, Autocomplete, Button, NumberInput, SegmentedControl, Select, Switch, TextInput } from '@mantine/core'
import { useForm, type UseFormReturnType } from '@mantine/form'
import { Link } from '@tanstack/react-router'
import { Plus, Trash2 } from 'lucide-react'
import { useEffect, useId, useState, type ReactNode } from 'react'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { done } from '../say'
import { useUndo } from '../undo'
import { UndoButtons } from '../UndoButtons'
import { useUnsavedGuard } from '../unsaved'
import { draftOf, houseOf, limitSays, mistakesIn, newLimit, type HouseDraft } from './draft'
import './settings.css'

/** What holds whatever the campaign, and where what is ruled elsewhere is changed. */
export default function SettingsPage() {
  const house = useHouse()
  const configured = useConfigured()
  return (
    <Page title="Settings" note="What holds for everybody, whatever the campaign.">
      <Loaded of={configured} height={640}>
        {(configured) => (
          <div className="two">
            <Loaded of={house} height={640}>
              {(house) => <HouseForm house={house} configured={configured} />}
            </Loaded>
            <aside>
              <ConfiguredCard configured={configured} />
              <ShopsCard />
            </aside>
          </div>
        )}
      </Loaded>
    </Page>
  )
}

/** What the server's paths are called in the form. */
const renamed = { cost_per_day: 'cost', quiet: 'from', per_ns: 'span' }

function HouseForm({ house, configured }: { house: House; configured: Configured }) {
  const save = useSaveHouse()
  const may = useMay('admin')
  const now = useNow(30_000)
  const form = useForm<HouseDraft>({ initialValues: draftOf(house, configured.night), validate: mistakesIn })
  const undo = useUndo(form)
  // What the form was filled from: what others change meanwhile is not overwritten.
  const [basis, setBasis] = useState(house)
  const untouched = !form.isDirty()
  const fill = (from: House) => {
    const values = draftOf(from, configured.night)
    setBasis(from)
    form.setInitialValues(values)
    form.setValues(values)
    form.resetDirty(values)
  }
  useEffect(() => {
    if (house.version !== basis.version && untouched) fill(house)
  })
  useUnsavedGuard('page', () => form.isDirty() && !save.isPending)
  const overtaken = house.version !== basis.version

  const send = form.onSubmit((draft) =>
    save.mutate(houseOf(draft, basis), {
      onSuccess: (kept) => {
        setBasis(kept)
        form.setInitialValues(draft)
        form.resetDirty(draft)
        done('Kept. It holds for everything that is sent from now on.')
      },
      onError: (error) => form.setErrors(fieldErrors(error, renamed)),
    }),
  )
  const theirs = () => {
    fill(house)
    save.reset()
  }
  const elsewhere = save.error && Object.keys(fieldErrors(save.error)).length === 0
  return (
    <form onSubmit={send} noValidate aria-label="The house" className="stack" style={{ gap: 16 }}>
      <fieldset disabled={!may} className="plain stack" style={{ gap: 16 }}>
        <Limits form={form} may={may} />
        <QuietHours form={form} configured={configured} />
        <section className="card block" aria-label="How much a day may disturb">
          <h2>How much a day may disturb</h2>
          <div className="fields">
            <NumberInput
              className="w4"
              label="Most that the messages of a day may cost"
              placeholder={`${configured.cost_per_day}, as configured`}
              min={0}
              max={100}
              allowDecimal={false}
              {...form.getInputProps('cost')}
            />
          </div>
          <p className="dim small">A notification or an e-mail costs 1, a text message 2, an offer in the app nothing. Shoppers may set less or more in their app; this holds for those who did not say.</p>
        </section>
        <section className="card block" aria-label="Measuring">
          <h2>Measuring, and going live</h2>
          <div className="fields">
            <NumberInput className="w4" label="Held out of everything" suffix=" %" min={0} max={50} decimalScale={2} {...form.getInputProps('holdout')} />
          </div>
          <p className="dim small">
            Shoppers who get no offer of any campaign, so that it can be measured what offers earn. A change begins the comparison anew: <Link to="/experiments">the experiments</Link>.
          </p>
          <Switch label="A second person approves what campaigns say before they go live" {...form.getInputProps('approvals', { type: 'checkbox' })} />
        </section>
      </fieldset>
      {elsewhere && (
        <p className="error" role="alert">
          {save.error instanceof Problem && save.error.status === 409 ? 'Somebody else changed the settings meanwhile.' : words(save.error)}
        </p>
      )}
      {overtaken && !untouched && (
        <p className="note" role="status">
          Somebody else changed the settings while you did.{' '}
          <Button size="compact-xs" variant="default" onClick={theirs}>
            Show what they are now
          </Button>
        </p>
      )}
      <div className="keep-bar">
        {may ? (
          <>
            <Button type="submit" disabled={untouched} loading={save.isPending}>
              Keep the settings
            </Button>
            <UndoButtons {...undo} />
          </>
        ) : (
          <span className="dim">Only an administrator may change them.</span>
        )}
        <span className="dim small grow">
          {basis.updated ? `Changed ${ago(basis.updated, now)}, the ${ordinal(basis.version)} time.` : 'Nobody has changed anything yet.'}
          {may && basis.version > 0 && (
            <>
              {' '}
              <Link to="/audit" search={{ what: 'house/house' }}>
                By whom
              </Link>
            </>
          )}
        </span>
      </div>
    </form>
  )
}

const ordinals = new Intl.PluralRules('en', { type: 'ordinal' })
const endings: Partial<Record<Intl.LDMLPluralRule, string>> = { one: 'st', two: 'nd', few: 'rd' }
const ordinal = (n: number) => `${n}${endings[ordinals.select(n)] ?? 'th'}`

const mostLimits = 20

function Limits({ form, may }: { form: UseFormReturnType<HouseDraft>; may: boolean }) {
  const campaigns = useCampaigns()
  const all = (campaigns.data?.campaigns ?? []).map(({ campaign }) => campaign)
  const tags = [...new Set(all.flatMap(({ tags }) => tags ?? []))].toSorted()
  const id = useId()
  const { limits } = form.getValues()
  const add = () => form.insertListItem('limits', newLimit(`${id}${Date.now()}`))
  return (
    <section className="card" aria-label="Limits">
      <div className="card-head">
        <h2>How often one shopper is reached</h2>
        {may && (
          <Button size="xs" variant="default" leftSection={<Plus size={13} />} onClick={add} disabled={limits.length >= mostLimits}>
            Add a limit
          </Button>
        )}
      </div>
      {limits.length === 0 ? (
        <Empty title="No limit of the house">Those of the configuration hold, beside. A limit here may be on a channel, a campaign or all with a tag, in a day or any span up to 30 days.</Empty>
      ) : (
        <ol className="limits">
          {limits.map((limit, i) => (
            <li key={limit.key} aria-label={`Limit ${i + 1}`}>
              <div className="limit-fields">
                <NumberInput label="At most" w={84} min={0} max={1000} allowDecimal={false} {...form.getInputProps(`limits.${i}.times`)} />
                <Select label="By" w={150} allowDeselect={false} data={[{ value: '', label: 'Any channel' }, ...['sms', 'push', 'email', 'app'].map((value) => ({ value, label: channelWord(value) }))]} {...form.getInputProps(`limits.${i}.channel`)} />
                <Select
                  label="Of"
                  w={150}
                  allowDeselect={false}
                  data={[
                    { value: 'any', label: 'All campaigns' },
                    { value: 'campaign', label: 'One campaign' },
                    { value: 'tag', label: 'Those tagged' },
                  ]}
                  {...form.getInputProps(`limits.${i}.covers`)}
                />
                {limit.covers === 'campaign' && <Select label="Campaign" w={210} searchable data={all.map(({ id, name }) => ({ value: id, label: name }))} {...form.getInputProps(`limits.${i}.campaign`)} />}
                {limit.covers === 'tag' && <Autocomplete size="xs" label="Tag" w={150} maxLength={80} data={tags} {...form.getInputProps(`limits.${i}.tag`)} />}
                <Select
                  label="In"
                  w={150}
                  allowDeselect={false}
                  data={[
                    { value: 'day', label: 'A day of theirs' },
                    { value: 'hours', label: 'Any hours' },
                    { value: 'days', label: 'Any days' },
                  ]}
                  {...form.getInputProps(`limits.${i}.per`)}
                />
                {limit.per !== 'day' && <NumberInput label={limit.per === 'days' ? 'Days' : 'Hours'} w={84} min={1} max={limit.per === 'days' ? 30 : 720} {...form.getInputProps(`limits.${i}.span`)} />}
                <div className="limit-beyond">
                  <span className="field-label" id={`${id}-beyond-${limit.key}`}>
                    One too many
                  </span>
                  <SegmentedControl
                    aria-labelledby={`${id}-beyond-${limit.key}`}
                    data={[
                      { value: 'drop', label: 'Is dropped' },
                      { value: 'hold', label: 'Waits' },
                      { value: 'replace', label: 'Best goes first' },
                    ]}
                    disabled={!may}
                    {...form.getInputProps(`limits.${i}.beyond`)}
                  />
                </div>
              </div>
              <div className="between">
                <p className="dim small">{limitSays(limit, (id) => all.find((campaign) => campaign.id === id)?.name ?? id)}</p>
                {may && (
                  <ActionIcon variant="subtle" color="gray" aria-label={`Take limit ${i + 1} away`} onClick={() => form.removeListItem('limits', i)}>
                    <Trash2 size={15} />
                  </ActionIcon>
                )}
              </div>
            </li>
          ))}
        </ol>
      )}
      {form.errors.limits && (
        <p className="error" role="alert">
          {form.errors.limits}
        </p>
      )}
    </section>
  )
}

function QuietHours({ form, configured }: { form: UseFormReturnType<HouseDraft>; configured: Configured }) {
  const { quiet } = form.getValues()
  return (
    <section className="card block" aria-label="Quiet hours">
      <h2>Quiet hours</h2>
      <Switch label="Nobody is disturbed in these hours, by the shopper’s clock" {...form.getInputProps('quiet', { type: 'checkbox' })} />
      {quiet && (
        <div className="fields">
          <TextInput className="w3" type="time" label="From" {...form.getInputProps('from')} />
          <TextInput className="w3" type="time" label="Until" {...form.getInputProps('until')} />
        </div>
      )}
      <p className="dim small">
        {quiet ? 'Those of each shop, and what shoppers ask for themselves, hold beside.' : `Those of each shop hold, and where there is no shop the usual night, ${night(configured)}.`} A message that comes in quiet hours waits for their end, as long as its offer holds.
      </p>
    </section>
  )
}

const night = ({ night }: Configured) => `${minuteOfDay(night.from_minute)}–${minuteOfDay(night.until_minute)}`

const channelKeys: Record<string, string> = { sms: 'notifier.sms_per_day', app: 'notifier.app_per_day', push: 'notifier.push_per_day', email: 'notifier.email_per_day' }

/** What the configuration rules: read here, changed there. */
function ConfiguredCard({ configured }: { configured: Configured }) {
  const rows: [name: string, value: ReactNode, key: string][] = [
    ...Object.entries(channelKeys).map(([channel, key]): [string, ReactNode, string] => {
      const most = configured.per_day[channel]
      return [`${channelWord(channel)}, a day`, most === undefined ? 'no limit' : plural(most, 'message'), key]
    }),
    ['Cost of a day’s messages', configured.cost_per_day, 'notifier.cost_per_day'],
  ]
  return (
    <section className="card block" aria-label="Configured">
      <h2>Ruled by the configuration</h2>
      <dl className="configured">
        {rows.map(([name, value, key]) => (
          <div key={key}>
            <dt>
              {name}
              <br />
              <code className="dim small">{key}</code>
            </dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="dim small">
        They hold beside the limits of the house. Whoever runs Aisle changes them in its configuration file, and starts it again; what it stands on is on the page of <Link to="/system">the system</Link>.
      </p>
    </section>
  )
}

/** What each shop says of itself. */
function ShopsCard() {
  const shops = useShops()
  return (
    <section className="card block" aria-label="Shops">
      <h2>Each shop’s own</h2>
      <Loaded of={shops} height={80}>
        {(shops) =>
          shops.length === 0 ? (
            <p className="dim small">
              No shop yet: <Link to="/shops/new">make the first</Link>. Its name, time zone, currency and quiet hours are its own.
            </p>
          ) : (
            <ul className="stack" style={{ gap: 10 }}>
              {shops.map(({ id, name, time_zone, currency, quiet }) => (
                <li key={id}>
                  <Link to="/shops/$shop" params={{ shop: id }} className="strong">
                    {name}
                  </Link>
                  <br />
                  <span className="dim small">
                    {time_zone} · {currency} · {quiet.from_minute === quiet.until_minute ? 'no quiet hours' : `quiet ${minuteOfDay(quiet.from_minute)}–${minuteOfDay(quiet.until_minute)}`}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <p className="dim small">Name, time zone, currency and quiet hours are changed on the shop’s page. What shoppers read is in their own language, from the campaign’s translations.</p>
    </section>
  )
}
