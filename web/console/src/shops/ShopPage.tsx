import { useDeleteShop, useMay, useSaveShop, useShop, useSurvey, type Shop } from '@aisle/api'
import { CopyId, FloorPlan, minuteOfDay, RawJson } from '@aisle/ui'
import { Button, Menu, ActionIcon, Select, Tabs, TextInput } from '@mantine/core'
import { TimeInput } from '@mantine/dates'
import { modals } from '@mantine/modals'
import { getRouteApi, useBlocker, useNavigate } from '@tanstack/react-router'
import { Ellipsis, Map, Trash2 } from 'lucide-react'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { shopTabs } from '../router'
import { done, failed } from '../say'
import { HealthPanel } from './HealthPanel'
import { ImportPlan } from './ImportPlan'
import { mistakesIn } from './plan'
import { PlanEditor, useEditing } from './PlanEditor'
import { currencies, timeZones } from './ShopFields'
import { SurveyPanel } from './SurveyPanel'

const route = getRouteApi('/shell/shops/$shop')
const tabNames = { plan: 'Plan', survey: 'Survey', health: 'Health' }

/** One shop: its plan, its survey, how its devices and zones do. */
export default function ShopPage() {
  const { shop: id } = route.useParams()
  const asked = useShop(id)
  return (
    <Page
      title={asked.data?.name ?? 'Shop'}
      note={<CopyId value={id} label="shop id" />}
      actions={
        asked.data && (
          <>
            <Button component="a" href={`/staff/?shop=${encodeURIComponent(id)}`} variant="default" leftSection={<Map size={14} />}>
              Shop now
            </Button>
            <ShopMenu shop={asked.data} />
          </>
        )
      }
    >
      <Loaded of={asked} height={620}>
        {(shop) => <ShopTabs key={shop.id} shop={shop} />}
      </Loaded>
    </Page>
  )
}

function ShopTabs({ shop }: { shop: Shop }) {
  const { tab = 'plan' } = route.useSearch()
  const navigate = route.useNavigate()
  return (
    <Tabs value={tab} onChange={(value) => void navigate({ search: { tab: shopTabs.find((name) => name === value) }, replace: true })} keepMounted={false}>
      <Tabs.List mb={16}>
        {shopTabs.map((name) => (
          <Tabs.Tab key={name} value={name}>
            {tabNames[name]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value="plan">
        <div className="stack" style={{ gap: 16 }}>
          <ShopEditor shop={shop} />
        </div>
      </Tabs.Panel>
      <Tabs.Panel value="survey">
        <SurveyPanel shop={shop} />
      </Tabs.Panel>
      <Tabs.Panel value="health">
        <HealthPanel shop={shop} />
      </Tabs.Panel>
    </Tabs>
  )
}

function ShopMenu({ shop }: { shop: Shop }) {
  const remove = useDeleteShop()
  const navigate = useNavigate()
  const may = useMay('admin')
  if (!may) return null
  const ask = () =>
    modals.openConfirmModal({
      title: `Remove “${shop.name}”?`,
      children: <p className="dim">Its plan is gone for good, and nobody is located in it any more. What was decided there stays.</p>,
      labels: { confirm: 'Remove it', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        remove.mutate(shop.id, {
          onSuccess: () => {
            done(`“${shop.name}” is removed.`)
            void navigate({ to: '/shops' })
          },
          onError: failed,
        }),
    })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label="More">
          <Ellipsis size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" leftSection={<Trash2 size={14} />} onClick={ask}>
          Remove the shop
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function ShopEditor({ shop: saved }: { shop: Shop }) {
  const may = useMay('marketer', 'admin')
  const editing = useEditing(saved)
  const save = useSaveShop()
  const { shop, change } = editing
  const mistakes = mistakesIn(shop)
  // What the server had against a plan that is another one by now says nothing.
  const errors = save.variables === shop ? fieldErrors(save.error) : {}
  const survey = useSurvey(saved.id)
  const floor = shop.floors[0]

  useBlocker({ shouldBlockFn: () => editing.dirty && !window.confirm('Leave without keeping the changes of this shop?'), enableBeforeUnload: () => editing.dirty })

  if (!may) {
    return (
      <div className="card editor-plan">
        {floor && <FloorPlan shop={shop} floor={floor} label={floor.name} />}
      </div>
    )
  }
  const keep = () =>
    save.mutate(shop, {
      onSuccess: (kept) => {
        editing.reset(kept)
        done(`“${kept.name}” is kept. Receivers and cameras follow it at once.`)
      },
      onError: (error) => Object.keys(fieldErrors(error)).length === 0 && failed(error),
    })
  const minutes = (time: string) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number)
    return hours * 60 + minutes
  }
  return (
    <>
      <PlanEditor editing={editing} saved={saved} survey={survey.data?.points ?? []} errors={errors} actions={<ImportPlan shop={shop} dirty={editing.dirty} onTake={change} />} />
      <section className="card block" aria-label="About the shop">
        <div className="fields">
          <TextInput className="w4" label="Name" value={shop.name} error={errors.name} onChange={({ currentTarget }) => change({ ...shop, name: currentTarget.value })} />
          <Select className="w4" label="Time zone" searchable limit={60} data={timeZones} value={shop.time_zone} error={errors.time_zone} onChange={(zone) => zone && change({ ...shop, time_zone: zone })} />
          <Select className="w4" label="Currency" searchable data={currencies.includes(shop.currency) ? currencies : [shop.currency, ...currencies]} value={shop.currency} error={errors.currency} onChange={(currency) => currency && change({ ...shop, currency })} />
          <TimeInput className="w3" size="xs" label="Quiet from" description="no message is sent" value={minuteOfDay(shop.quiet.from_minute % 1440)} error={errors['quiet.from_minute']} onChange={({ currentTarget }) => change({ ...shop, quiet: { ...shop.quiet, from_minute: minutes(currentTarget.value) } })} />
          <TimeInput className="w3" size="xs" label="until" description="of the shop’s time" value={minuteOfDay(shop.quiet.until_minute % 1440)} error={errors['quiet.until_minute']} onChange={({ currentTarget }) => change({ ...shop, quiet: { ...shop.quiet, until_minute: minutes(currentTarget.value) } })} />
        </div>
        <RawJson value={shop} label="Shop as JSON" />
      </section>
      <div className="save-bar">
        <span className="grow dim small" role="status">
          {mistakes.length > 0 ? <span className="error">{mistakes[0]!.message}.</span> : Object.keys(errors).length > 0 ? <span className="error">Not kept: mend what is named beside the plan.</span> : save.error && save.variables === shop ? <span className="error">{save.error.message}</span> : editing.dirty ? 'Not kept yet.' : 'Everything is kept.'}
        </span>
        {editing.dirty && (
          <Button variant="default" onClick={() => editing.reset(saved)}>
            Undo all
          </Button>
        )}
        <Button disabled={!editing.dirty || mistakes.length > 0} loading={save.isPending} onClick={keep}>
          Keep the plan
        </Button>
      </div>
    </>
  )
}
