import { useCampaigns, useCreateCampaign, useSaveShop, useSession, useSetCampaignStatus, useSetup, useShops, type Shop } from '@aisle/api'
import { Failure, Mark, said, SchemeToggle } from '@aisle/ui'
import { Button, PasswordInput, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useDocumentTitle } from '@mantine/hooks'
import { Link, Navigate } from '@tanstack/react-router'
import { ArrowRight, Check, Map, Megaphone, Plug } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { CampaignForm } from '../campaigns/CampaignForm'
import { templates, type Template } from '../campaigns/templates'
import { fieldErrors } from '../errors'
import { Languages } from '../Languages'
import { failed } from '../say'
import { mistakesIn, newShop } from '../shops/plan'
import { PlanEditor, useEditing } from '../shops/PlanEditor'
import { newShopDraft, ShopFields, shopMistakes, type ShopDraft } from '../shops/ShopFields'
import { stepOf, steps, type Step } from './steps'
import { t } from './words'

/** From nothing to a first live campaign; each step is where the last one was left. */
export default function SetUpPage() {
  const session = useSession()
  useDocumentTitle(`${t.page} · Aisle`)
  if (session.error && !session.data) {
    return (
      <main className="alone">
        <Failure error={session.error} retry={session.refetch} />
      </main>
    )
  }
  if (!session.data) return <main className="alone" aria-busy="true" />
  if (session.data.setup_needed) {
    return (
      <Guide step="admin" narrow>
        <AdminStep />
      </Guide>
    )
  }
  if (!session.data.person) return <Navigate to="/sign-in" search={{ to: '/console/set-up' }} replace />
  return <SignedIn />
}

/** The step that is due, by what there is already. */
function SignedIn() {
  const shops = useShops()
  const campaigns = useCampaigns()
  const [later, setLater] = useState(false)
  const due = stepOf(shops.data, campaigns.data?.campaigns.length)
  const step = due === 'campaign' && later ? 'done' : due
  const error = shops.error ?? campaigns.error
  switch (step) {
    case undefined:
      return <main className="alone">{error && <Failure error={error} retry={() => Promise.all([shops.refetch(), campaigns.refetch()])} />}</main>
    case 'shop':
      return (
        <Guide step={step} narrow>
          <ShopStep />
        </Guide>
      )
    case 'plan':
      return (
        <Guide step={step}>
          <PlanStep shop={shops.data![0]!} />
        </Guide>
      )
    case 'campaign':
      return (
        <Guide step={step}>
          <CampaignStep shops={shops.data!} onLater={() => setLater(true)} />
        </Guide>
      )
    default:
      return (
        <Guide step="done" narrow>
          <DoneStep shop={shops.data![0]!} />
        </Guide>
      )
  }
}

function Guide({ step, narrow, children }: { step: Step; narrow?: boolean; children: ReactNode }) {
  const at = steps.indexOf(step)
  return (
    <div className="set-up">
      <aside aria-label={t.page}>
        <div className="between">
          <span className="row" style={{ gap: 10 }}>
            <Mark size={28} />
            <span className="strong">{t.title}</span>
          </span>
          <SchemeToggle />
        </div>
        <nav aria-label={t.steps}>
          <ol className="steps">
            {steps.map((id, i) => {
              const done = i < at || step === 'done'
              return (
                <li key={id} aria-current={i === at && !done ? 'step' : undefined} data-done={done || undefined}>
                  <i>{done ? <Check size={12} aria-label={t.done} /> : i + 1}</i>
                  {t.step[id]}
                </li>
              )
            })}
          </ol>
        </nav>
        <Languages />
      </aside>
      <main data-narrow={narrow || undefined}>
        <div>
          <h1>{t.titles[step].title}</h1>
          <p className="dim">{t.titles[step].says}</p>
        </div>
        {children}
      </main>
    </div>
  )
}

function AdminStep() {
  const setup = useSetup()
  const form = useForm({
    initialValues: { name: '', email: '', password: '' },
    validate: {
      name: (name) => (name.trim() ? null : t.admin.yourName),
      email: (email) => (email.includes('@') ? null : t.admin.yourEmail),
      password: (password) => (password.length >= 10 ? null : t.admin.leastMore),
    },
  })
  return (
    <form className="card block" noValidate onSubmit={form.onSubmit((values) => setup.mutate(values, { onError: (error) => form.setErrors(fieldErrors(error)) }))}>
      <TextInput label={t.admin.name} autoComplete="name" autoFocus required {...form.getInputProps('name')} />
      <TextInput label={t.admin.email} type="email" autoComplete="username" required {...form.getInputProps('email')} />
      <PasswordInput label={t.admin.password} description={t.admin.least} autoComplete="new-password" required visibilityToggleButtonProps={{ 'aria-label': t.admin.show }} {...form.getInputProps('password')} />
      {setup.error && Object.keys(fieldErrors(setup.error)).length === 0 && (
        <p className="error" role="alert">
          {said(setup.error)}
        </p>
      )}
      <Next loading={setup.isPending} />
    </form>
  )
}

const Next = ({ loading }: { loading: boolean }) => (
  <Button type="submit" rightSection={<ArrowRight className="ahead" size={14} />} loading={loading} style={{ justifySelf: 'start' }}>
    {t.goOn}
  </Button>
)

function ShopStep() {
  const save = useSaveShop()
  const form = useForm<ShopDraft>({ initialValues: newShopDraft(), validate: shopMistakes })
  const send = form.onSubmit(({ name, timeZone, currency, width, depth }) =>
    save.mutate(newShop(name, timeZone, currency, Number(width), Number(depth), []), {
      onError: (error) => {
        const fields = fieldErrors(error, { time_zone: 'timeZone' })
        form.setErrors(fields)
        if (Object.keys(fields).length === 0) failed(error)
      },
    }),
  )
  return (
    <form className="card block" onSubmit={send} noValidate>
      <ShopFields form={form} />
      <Next loading={save.isPending} />
    </form>
  )
}

function PlanStep({ shop: saved }: { shop: Shop }) {
  const save = useSaveShop()
  const editing = useEditing(saved)
  const { shop } = editing
  const mistakes = mistakesIn(shop)
  const missing = shop.zones.length === 0 ? t.plan.noZone : mistakes[0] && `${mistakes[0].message}.`
  return (
    <>
      <PlanEditor editing={editing} errors={fieldErrors(save.error)} />
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault()
          save.mutate(shop, { onError: failed })
        }}
      >
        <Button type="submit" rightSection={<ArrowRight className="ahead" size={14} />} loading={save.isPending} disabled={missing !== undefined}>
          {t.goOn}
        </Button>
        <span className="dim small" role="status">
          {missing ?? (shop.receivers.length + shop.cameras.length === 0 ? t.plan.nobodyLocated : '')}
        </span>
      </form>
    </>
  )
}

function CampaignStep({ shops, onLater }: { shops: Shop[]; onLater: () => void }) {
  const [template, choose] = useState<Template>()
  const create = useCreateCampaign()
  const set = useSetCampaignStatus()
  if (!template) {
    return (
      <>
        <ul className="choices">
          {templates.map((template) => (
            <li key={template.id} style={{ display: 'grid' }}>
              <button type="button" className="choice" onClick={() => choose(template)}>
                <span className="strong">{template.name}</span>
                <span className="dim small">{template.says}</span>
              </button>
            </li>
          ))}
        </ul>
        <Button variant="subtle" color="gray" onClick={onLater} style={{ justifySelf: 'start' }}>
          {t.campaign.later}
        </Button>
      </>
    )
  }
  return (
    <>
      <Button variant="default" onClick={() => choose(undefined)} style={{ justifySelf: 'start' }}>
        {t.campaign.another}
      </Button>
      <CampaignForm
        campaign={template.draft(shops.find(({ zones }) => zones.length > 0))}
        shops={shops}
        isNew
        saveLabel={t.campaign.live}
        error={create.error ?? set.error}
        onSave={async (campaign) => {
          const { id } = await create.mutateAsync(campaign)
          await set.mutateAsync({ campaign: id, status: 'live' })
        }}
      />
    </>
  )
}

function DoneStep({ shop }: { shop: Shop }) {
  return (
    <ul className="choices">
      <li style={{ display: 'grid' }}>
        <Link className="choice" to="/sources">
          <Plug size={18} strokeWidth={1.7} aria-hidden />
          <span className="strong">{t.next.sources}</span>
          <span className="dim small">{t.next.sourcesMore}</span>
        </Link>
      </li>
      <li style={{ display: 'grid' }}>
        <a className="choice" href={`/staff/?shop=${encodeURIComponent(shop.id)}`}>
          <Map size={18} strokeWidth={1.7} aria-hidden />
          <span className="strong">{t.next.staff}</span>
          <span className="dim small">{t.next.staffMore}</span>
        </a>
      </li>
      <li style={{ display: 'grid' }}>
        <Link className="choice" to="/campaigns">
          <Megaphone size={18} strokeWidth={1.7} aria-hidden />
          <span className="strong">{t.next.campaigns}</span>
          <span className="dim small">{t.next.campaignsMore}</span>
        </Link>
      </li>
    </ul>
  )
}
