import { useDeleteShop, useMay, useSaveShop, useShop, useSurvey, type Shop } from '@aisle/api'
import { CopyId, Empty, FloorPlan, minuteOfDay, RawJson, said } from '@aisle/ui'
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
import { isDrawn, mistakesIn } from './plan'
import { PlanEditor, useEditing } from './PlanEditor'
import { currencies, timeZones } from './ShopFields'
import { SurveyPanel } from './SurveyPanel'
import { t } from './words'

const route = getRouteApi('/shell/shops/$shop')

/** One shop: its plan, its survey, how its devices and zones do. */
export default function ShopPage() {
  const { shop: id } = route.useParams()
  const asked = useShop(id)
  return (
    <Page
      title={asked.data?.name ?? t.page.title}
      note={<CopyId value={id} label={t.page.id} />}
      actions={
        asked.data && (
          <>
            <Button component="a" href={`/staff/?shop=${encodeURIComponent(id)}`} variant="default" leftSection={<Map size={14} />}>
              {t.page.now}
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
            {t.page.tabs[name]}
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
      title: t.removeTitle(shop.name),
      children: <p className="dim">{t.page.removeMore}</p>,
      labels: { confirm: t.removeIt, cancel: t.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () =>
        remove.mutate(shop.id, {
          onSuccess: () => {
            done(t.page.removed(shop.name))
            void navigate({ to: '/shops' })
          },
          onError: failed,
        }),
    })
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="default" size={30} aria-label={t.page.more}>
          <Ellipsis size={15} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item color="red" leftSection={<Trash2 size={14} />} onClick={ask}>
          {t.page.remove}
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

  useBlocker({ shouldBlockFn: () => editing.dirty && !window.confirm(t.page.leave), enableBeforeUnload: () => editing.dirty })

  if (!may) {
    return floor && isDrawn(shop, floor) ? (
      <div className="card editor-plan">
        <FloorPlan shop={shop} floor={floor} label={floor.name} />
      </div>
    ) : (
      <div className="card">
        <Empty title={t.page.noPlan}>{t.page.noPlanMore}</Empty>
      </div>
    )
  }
  const keep = () =>
    save.mutate(shop, {
      onSuccess: (kept) => {
        editing.reset(kept)
        done(t.page.kept(kept.name))
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
      <section className="card block" aria-label={t.page.about}>
        <div className="fields">
          <TextInput className="w4" label={t.fields.name} value={shop.name} error={errors.name} onChange={({ currentTarget }) => change({ ...shop, name: currentTarget.value })} />
          <Select className="w4" label={t.fields.timeZone} searchable limit={60} data={timeZones} value={shop.time_zone} error={errors.time_zone} onChange={(zone) => zone && change({ ...shop, time_zone: zone })} />
          <Select className="w4" label={t.fields.currency} searchable data={currencies.includes(shop.currency) ? currencies : [shop.currency, ...currencies]} value={shop.currency} error={errors.currency} onChange={(currency) => currency && change({ ...shop, currency })} />
          <TimeInput className="w3" size="xs" label={t.page.quietFrom} description={t.page.quietFromNote} value={minuteOfDay(shop.quiet.from_minute % 1440)} error={errors['quiet.from_minute']} onChange={({ currentTarget }) => change({ ...shop, quiet: { ...shop.quiet, from_minute: minutes(currentTarget.value) } })} />
          <TimeInput className="w3" size="xs" label={t.page.quietUntil} description={t.page.quietUntilNote} value={minuteOfDay(shop.quiet.until_minute % 1440)} error={errors['quiet.until_minute']} onChange={({ currentTarget }) => change({ ...shop, quiet: { ...shop.quiet, until_minute: minutes(currentTarget.value) } })} />
        </div>
        <RawJson value={shop} label={t.page.json} />
      </section>
      <div className="save-bar">
        <span className="grow dim small" role="status">
          {mistakes.length > 0 ? <span className="error">{mistakes[0]!.message}.</span> : Object.keys(errors).length > 0 ? <span className="error">{t.page.refused}</span> : save.error && save.variables === shop ? <span className="error" dir="auto">{said(save.error)}</span> : editing.dirty ? t.page.notKept : t.page.allKept}
        </span>
        {editing.dirty && (
          <Button variant="default" onClick={() => editing.reset(saved)}>
            {t.page.undoAll}
          </Button>
        )}
        <Button disabled={!editing.dirty || mistakes.length > 0} loading={save.isPending} onClick={keep}>
          {t.page.keep}
        </Button>
      </div>
    </>
  )
}
