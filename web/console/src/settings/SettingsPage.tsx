import { Problem, useCampaigns, useConfigured, useHouse, useMay, useSaveHouse, useShops, type Configured, type House } from '@aisle/api'
import { ago, channelWord, Empty, minuteOfDay, said, useNow } from '@aisle/ui'
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
import { t } from './words'
import './settings.css'

/** What holds whatever the campaign, and where what is ruled elsewhere is changed. */
export default function SettingsPage() {
  const house = useHouse()
  const configured = useConfigured()
  return (
    <Page title={t.title} note={t.note}>
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
        done(t.saved)
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
    <form onSubmit={send} noValidate aria-label={t.label} className="stack" style={{ gap: 16 }}>
      <fieldset disabled={!may} className="plain stack" style={{ gap: 16 }}>
        <Limits form={form} may={may} />
        <QuietHours form={form} configured={configured} />
        <section className="card block" aria-label={t.cost.title}>
          <h2>{t.cost.title}</h2>
          <div className="fields">
            <NumberInput
              className="w4"
              label={t.cost.most}
              placeholder={t.cost.configured(configured.cost_per_day)}
              min={0}
              max={100}
              allowDecimal={false}
              {...form.getInputProps('cost')}
            />
          </div>
          <p className="dim small">{t.cost.note}</p>
        </section>
        <section className="card block" aria-label={t.measuring.label}>
          <h2>{t.measuring.title}</h2>
          <div className="fields">
            <NumberInput className="w4" label={t.measuring.holdout} placeholder={t.measuring.nobody} suffix=" %" min={0} max={50} decimalScale={2} {...form.getInputProps('holdout')} />
          </div>
          <p className="dim small">
            {t.measuring.note} <Link to="/experiments">{t.measuring.experiments}</Link>.
          </p>
          <Switch label={t.measuring.approvals} {...form.getInputProps('approvals', { type: 'checkbox' })} />
        </section>
      </fieldset>
      {elsewhere && (
        <p className="error" role="alert">
          {save.error instanceof Problem && save.error.status === 409 ? t.conflict : said(save.error)}
        </p>
      )}
      {overtaken && !untouched && (
        <p className="note" role="status">
          {t.overtaken}{' '}
          <Button size="compact-xs" variant="default" onClick={theirs}>
            {t.theirs}
          </Button>
        </p>
      )}
      <div className="keep-bar">
        {may ? (
          <>
            <Button type="submit" disabled={untouched} loading={save.isPending}>
              {t.save}
            </Button>
            <UndoButtons {...undo} />
          </>
        ) : (
          <span className="dim">{t.notYours}</span>
        )}
        <span className="dim small grow">
          {basis.updated ? t.changed(ago(basis.updated, now), basis.version) : t.unchanged}
          {may && basis.version > 0 && (
            <>
              {' '}
              <Link to="/audit" search={{ what: 'house/house' }}>
                {t.byWhom}
              </Link>
            </>
          )}
        </span>
      </div>
    </form>
  )
}

const mostLimits = 20

function Limits({ form, may }: { form: UseFormReturnType<HouseDraft>; may: boolean }) {
  const campaigns = useCampaigns()
  const all = (campaigns.data?.campaigns ?? []).map(({ campaign }) => campaign)
  const tags = [...new Set(all.flatMap(({ tags }) => tags ?? []))].toSorted()
  const id = useId()
  const { limits } = form.getValues()
  const add = () => form.insertListItem('limits', newLimit(`${id}${Date.now()}`))
  return (
    <section className="card" aria-label={t.limits.label}>
      <div className="card-head">
        <h2>{t.limits.title}</h2>
        {may && (
          <Button size="xs" variant="default" leftSection={<Plus size={13} />} onClick={add} disabled={limits.length >= mostLimits}>
            {t.limits.add}
          </Button>
        )}
      </div>
      {limits.length === 0 ? (
        <Empty title={t.limits.none}>{t.limits.noneMore}</Empty>
      ) : (
        <ol className="limits">
          {limits.map((limit, i) => (
            <li key={limit.key} aria-label={t.limits.limit(i + 1)}>
              <div className="limit-fields">
                <NumberInput label={t.limits.times} w={84} min={0} max={1000} allowDecimal={false} {...form.getInputProps(`limits.${i}.times`)} />
                <Select label={t.limits.channel} w={150} allowDeselect={false} data={[{ value: '', label: t.limits.anyChannel }, ...['sms', 'push', 'email', 'app'].map((value) => ({ value, label: channelWord(value) }))]} {...form.getInputProps(`limits.${i}.channel`)} />
                <Select
                  label={t.limits.covers}
                  w={150}
                  allowDeselect={false}
                  data={[
                    { value: 'any', label: t.limits.coversWhat.any },
                    { value: 'campaign', label: t.limits.coversWhat.campaign },
                    { value: 'tag', label: t.limits.coversWhat.tag },
                  ]}
                  {...form.getInputProps(`limits.${i}.covers`)}
                />
                {limit.covers === 'campaign' && <Select label={t.limits.campaign} w={210} searchable data={all.map(({ id, name }) => ({ value: id, label: name }))} {...form.getInputProps(`limits.${i}.campaign`)} />}
                {limit.covers === 'tag' && <Autocomplete size="xs" label={t.limits.tag} w={150} maxLength={80} data={tags} {...form.getInputProps(`limits.${i}.tag`)} />}
                <Select
                  label={t.limits.per}
                  w={150}
                  allowDeselect={false}
                  data={[
                    { value: 'day', label: t.limits.perWhat.day },
                    { value: 'hours', label: t.limits.perWhat.hours },
                    { value: 'days', label: t.limits.perWhat.days },
                  ]}
                  {...form.getInputProps(`limits.${i}.per`)}
                />
                {limit.per !== 'day' && <NumberInput label={limit.per === 'days' ? t.limits.days : t.limits.hours} w={84} min={1} max={limit.per === 'days' ? 30 : 720} {...form.getInputProps(`limits.${i}.span`)} />}
                <div className="limit-beyond">
                  <span className="field-label" id={`${id}-beyond-${limit.key}`}>
                    {t.limits.beyond}
                  </span>
                  <SegmentedControl
                    aria-labelledby={`${id}-beyond-${limit.key}`}
                    data={[
                      { value: 'drop', label: t.limits.beyondWhat.drop },
                      { value: 'hold', label: t.limits.beyondWhat.hold },
                      { value: 'replace', label: t.limits.beyondWhat.replace },
                    ]}
                    disabled={!may}
                    {...form.getInputProps(`limits.${i}.beyond`)}
                  />
                </div>
              </div>
              <div className="between">
                <p className="dim small">{limitSays(limit, (id) => all.find((campaign) => campaign.id === id)?.name ?? id)}</p>
                {may && (
                  <ActionIcon variant="subtle" color="gray" aria-label={t.limits.remove(i + 1)} onClick={() => form.removeListItem('limits', i)}>
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
    <section className="card block" aria-label={t.quiet.title}>
      <h2>{t.quiet.title}</h2>
      <Switch label={t.quiet.switch} {...form.getInputProps('quiet', { type: 'checkbox' })} />
      {quiet && (
        <div className="fields">
          <TextInput className="w3" type="time" label={t.quiet.from} {...form.getInputProps('from')} />
          <TextInput className="w3" type="time" label={t.quiet.until} {...form.getInputProps('until')} />
        </div>
      )}
      <p className="dim small">
        {quiet ? t.quiet.beside : t.quiet.instead(night(configured))} {t.quiet.waits}
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
      return [t.configured.perDay(channelWord(channel)), most === undefined ? t.configured.noLimit : t.configured.messages(most), key]
    }),
    [t.configured.cost, configured.cost_per_day, 'notifier.cost_per_day'],
  ]
  return (
    <section className="card block" aria-label={t.configured.label}>
      <h2>{t.configured.title}</h2>
      <dl className="configured">
        {rows.map(([name, value, key]) => (
          <div key={key}>
            <dt>
              {name}
              <br />
              <code className="dim small" dir="ltr">{key}</code>
            </dt>
            <dd className="num">{value}</dd>
          </div>
        ))}
      </dl>
      <p className="dim small">
        {t.configured.note} <Link to="/system">{t.configured.system}</Link>.
      </p>
    </section>
  )
}

/** What each shop says of itself. */
function ShopsCard() {
  const shops = useShops()
  return (
    <section className="card block" aria-label={t.shops.label}>
      <h2>{t.shops.title}</h2>
      <Loaded of={shops} height={80}>
        {(shops) =>
          shops.length === 0 ? (
            <p className="dim small">
              {t.shops.none} <Link to="/shops/new">{t.shops.makeFirst}</Link>. {t.shops.noneMore}
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
                    <bdi>{time_zone}</bdi> · {currency} · {quiet.from_minute === quiet.until_minute ? t.shops.noQuiet : t.shops.quiet(`${minuteOfDay(quiet.from_minute)}–${minuteOfDay(quiet.until_minute)}`)}
                  </span>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
      <p className="dim small">{t.shops.note}</p>
    </section>
  )
}
