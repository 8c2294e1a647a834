import { useCreateScenario, useMakeScenario, useScenario, useScenarioTemplates, type ScenarioDraft, type ScenarioTemplate } from '@aisle/api'
import { Button, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { FilePlus2, Route } from 'lucide-react'
import { useState } from 'react'
import { fieldErrors } from '../errors'
import { LinkButton } from '../LinkButton'
import { ForWriters, Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { ScenarioForm } from './ScenarioForm'
import { t } from './words'
import type { TemplateWords } from './words/en'

const route = getRouteApi('/shell/scenarios/new')
const blank: ScenarioDraft = { name: '', steps: [] }

/** A template is chosen and answered first, then the scenario is written. */
export default function NewScenarioPage() {
  const { template } = route.useSearch()
  const templates = useScenarioTemplates()
  const copied = template?.startsWith('copy:') ? template.slice('copy:'.length) : undefined
  if (!template) {
    return (
      <Page title={t.new.title} note={t.new.note}>
        <ForWriters>
          <Loaded of={templates}>{(templates) => <Choices templates={templates} />}</Loaded>
        </ForWriters>
      </Page>
    )
  }
  return (
    <Page
      title={t.new.title}
      actions={
        <LinkButton to="/scenarios/new" variant="default">
          {t.new.other}
        </LinkButton>
      }
    >
      <ForWriters>
        {template === 'blank' ? (
          <Write draft={blank} />
        ) : copied ? (
          <Copied id={copied} />
        ) : (
          <Loaded of={templates}>
            {(templates) => {
              const chosen = templates.find(({ id }) => id === template)
              return chosen ? <FromTemplate key={template} template={chosen} /> : <Choices templates={templates} />
            }}
          </Loaded>
        )}
      </ForWriters>
    </Page>
  )
}

const Choices = ({ templates }: { templates: ScenarioTemplate[] }) => (
  <ul className="choices">
    {templates.map(({ id, name, doc }) => (
      <li key={id} style={{ display: 'grid' }}>
        <Link className="choice" to="/scenarios/new" search={{ template: id }}>
          <Route size={18} strokeWidth={1.7} aria-hidden />
          <span className="strong" dir="auto">{t.new.template(id)?.name ?? name}</span>
          <span className="dim small" dir="auto">{t.new.template(id)?.doc ?? doc}</span>
        </Link>
      </li>
    ))}
    <li style={{ display: 'grid' }}>
      <Link className="choice" to="/scenarios/new" search={{ template: 'blank' }}>
        <FilePlus2 size={18} strokeWidth={1.7} aria-hidden />
        <span className="strong">{t.new.empty}</span>
        <span className="dim small">{t.new.emptyMore}</span>
      </Link>
    </li>
  </ul>
)

/** What the server made, in the words of this page's language. */
const inWords = (made: ScenarioDraft, { name, doc, steps }: TemplateWords): ScenarioDraft => ({
  ...made,
  name,
  description: doc,
  steps: made.steps.map((step, i) => ({ ...step, ...(steps[i] && { name: steps[i] }) })),
})

/** The questions of a template; its answer is the draft. */
function FromTemplate({ template }: { template: ScenarioTemplate }) {
  const make = useMakeScenario()
  const said = t.new.template(template.id)
  const [draft, setDraft] = useState<ScenarioDraft>()
  const form = useForm<Record<string, string>>({ initialValues: Object.fromEntries(template.parameters.map(({ name, default: value }) => [name, value])) })
  if (draft) return <Write draft={draft} />
  const answer = (parameters: Record<string, string>) =>
    make.mutate(
      { template: template.id, parameters },
      {
        onSuccess: (made) => setDraft(said ? inWords(made, said) : made),
        onError: (error) => {
          const wrong = Object.entries(fieldErrors(error)).map(([field, message]) => [field.replace(/^parameters\./, ''), message])
          if (wrong.length > 0) form.setErrors(Object.fromEntries(wrong))
          else failed(error)
        },
      },
    )
  return (
    <form className="card block" style={{ maxWidth: 620 }} noValidate onSubmit={form.onSubmit(answer)} aria-label={said?.name ?? template.name}>
      <div>
        <h2>{said?.name ?? template.name}</h2>
        <p className="dim">{said?.doc ?? template.doc}</p>
      </div>
      <div className="fields">
        {template.parameters.map(({ name, label, type }) => (
          <TextInput
            key={name}
            className="w6"
            label={said?.asks[name] ?? label}
            description={type === 'duration' ? t.new.duration : type === 'number' ? t.new.number : t.new.any[type]}
            {...form.getInputProps(name)}
          />
        ))}
      </div>
      <div className="row">
        <Button type="submit" loading={make.isPending}>
          {t.new.make}
        </Button>
      </div>
    </form>
  )
}

const Copied = ({ id }: { id: string }) => (
  <Loaded of={useScenario(id)} height={520}>
    {({ scenario: { id: _id, status: _status, version: _version, updated: _updated, ...rest } }) => <Write draft={{ ...rest, name: t.new.copyOf(rest.name) }} />}
  </Loaded>
)

function Write({ draft }: { draft: ScenarioDraft }) {
  const create = useCreateScenario()
  const navigate = useNavigate()
  return (
    <ScenarioForm
      scenario={draft}
      saveLabel={t.new.keep}
      isNew
      error={create.error}
      onSave={async (scenario) => {
        const { id } = await create.mutateAsync(scenario)
        done(t.new.kept(scenario.name))
        await navigate({ to: '/scenarios/$scenario', params: { scenario: id }, search: { tab: 'try' } })
      }}
    />
  )
}
