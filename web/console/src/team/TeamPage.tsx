import { Problem, useAddPerson, useChangePerson, useMay, usePasswordLink, useRemovePerson, useSession, useTeam, type Person, type Role } from '@aisle/api'
import { ago, CopyId, dateTime, Empty, Status, useNow, type State } from '@aisle/ui'
import { ActionIcon, Button, Menu, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { modals } from '@mantine/modals'
import { Ellipsis, KeyRound, Trash2, UserRoundCheck, UserRoundX, UserPlus } from 'lucide-react'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { t as house } from '../words'
import { roleOf, roles } from './roles'
import { t } from './words'

/** Who may sign in. */
export default function TeamPage() {
  const may = useMay('admin')
  return (
    <Page title={t.team.title} note={t.team.note}>
      {may ? (
        <>
          <Loaded of={useTeam()} height={200}>
            {(people) => <TeamTable people={people} />}
          </Loaded>
          <AddPersonForm />
        </>
      ) : (
        <div className="card">
          <Empty title={t.team.notYours.title}>{t.team.notYours.more}</Empty>
        </div>
      )}
      <RolesCard />
    </Page>
  )
}

const stateOf = (person: Person, now: number): State => {
  if (person.disabled) return { word: t.team.states.disabled, tone: 'none' }
  if (person.invited && Date.parse(person.invited) > now) return { word: t.team.states.invited, tone: 'warn' }
  return { word: t.team.states.good, tone: 'good' }
}

/** Shows a link that somebody is handed, once. */
const showLink = (name: string, { link, until }: { link: string; until: string }) =>
  modals.open({
    title: t.link.for(name),
    children: (
      <div className="stack" style={{ gridTemplateColumns: 'minmax(0, 1fr)' }}>
        <p className="dim">{t.link.note(dateTime(until))}</p>
        <CopyId value={link} label={t.link.link} />
      </div>
    ),
  })

function TeamTable({ people }: { people: Person[] }) {
  const me = useSession().data?.person?.id
  const now = useNow(60_000)
  return (
    <section className="card" aria-label={t.team.label}>
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">{t.team.name}</th>
              <th scope="col">{t.team.email}</th>
              <th scope="col">{t.team.role}</th>
              <th scope="col">{t.team.state}</th>
              <th scope="col" className="n">
                {t.team.seen}
              </th>
              <th scope="col" className="n">
                <span className="hidden">{t.actions}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <tr key={person.id}>
                <td className="strong">
                  <bdi>{person.name}</bdi>
                  {person.id === me && <span className="dim">{t.team.you}</span>}
                </td>
                <td>
                  {person.email}
                  {person.provided && <span className="dim small">{t.team.provided}</span>}
                </td>
                <td>{person.id === me ? roleOf(person.role)?.label : <RoleSelect person={person} />}</td>
                <td>
                  <Status state={stateOf(person, now)} />
                </td>
                <td className="n">{person.seen ? <span title={dateTime(person.seen)}>{ago(person.seen, now)}</span> : <span className="dim">–</span>}</td>
                <td className="n">{person.id !== me && <Actions person={person} />}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function RoleSelect({ person }: { person: Person }) {
  const change = useChangePerson()
  const choose = (role: string | null) => {
    const chosen = roles.find(({ value }) => value === role)
    if (!chosen || chosen.value === person.role) return
    void change.mutateAsync({ id: person.id, name: person.name, role: chosen.value, disabled: person.disabled ?? false }).then(() => done(t.team.nowIs(person.name, chosen.label)), failed)
  }
  return <Select aria-label={t.team.roleOf(person.name)} data={roles} value={person.role} onChange={choose} allowDeselect={false} disabled={change.isPending} w={130} />
}

function Actions({ person }: { person: Person }) {
  const change = useChangePerson()
  const remove = useRemovePerson()
  const link = usePasswordLink()
  const put = (disabled: boolean) =>
    void change.mutateAsync({ id: person.id, name: person.name, role: person.role, disabled }).then(() => done(disabled ? t.team.out(person.name) : t.team.inAgain(person.name)), failed)
  const ask = () =>
    modals.openConfirmModal({
      title: t.remove.title(person.name),
      children: <p className="dim">{t.remove.more}</p>,
      labels: { confirm: t.remove.doIt, cancel: house.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => void remove.mutateAsync(person.id).then(() => done(t.team.out(person.name)), failed),
    })
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon aria-label={t.menu.label(person.name)}>
          <Ellipsis size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!person.disabled && (
          <Menu.Item leftSection={<KeyRound size={14} />} onClick={() => void link.mutateAsync(person.id).then((made) => showLink(person.name, made), failed)}>
            {t.menu.link}
          </Menu.Item>
        )}
        {person.disabled ? (
          <Menu.Item leftSection={<UserRoundCheck size={14} />} onClick={() => put(false)}>
            {t.menu.enable}
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<UserRoundX size={14} />} onClick={() => put(true)}>
            {t.menu.disable}
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<Trash2 size={14} />} onClick={ask}>
          {t.menu.remove}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function AddPersonForm() {
  const add = useAddPerson()
  const link = usePasswordLink()
  const form = useForm<{ name: string; email: string; role: Role }>({
    initialValues: { name: '', email: '', role: 'marketer' },
    validate: {
      name: (name) => (name.trim() ? null : t.invite.nameMissing),
      email: (email) => (email.includes('@') ? null : t.invite.emailMissing),
    },
  })
  const send = form.onSubmit((values) =>
    add.mutate(values, {
      onSuccess: ({ id, name }) => {
        form.reset()
        void link.mutateAsync(id).then((made) => showLink(name, made), failed)
      },
      onError: (error) => {
        const taken = error instanceof Problem && error.status === 409
        const fields = taken ? { email: t.invite.emailTaken } : fieldErrors(error)
        form.setErrors(fields)
        if (Object.keys(fields).length === 0) failed(error)
      },
    }),
  )
  return (
    <form className="card block" onSubmit={send} noValidate aria-label={t.invite.title}>
      <h2>{t.invite.title}</h2>
      <p className="dim">{t.invite.note}</p>
      <div className="fields">
        <TextInput className="w4" label={t.team.name} required autoComplete="off" {...form.getInputProps('name')} />
        <TextInput className="w4" label={t.team.email} type="email" required autoComplete="off" {...form.getInputProps('email')} />
        <Select className="w4" label={t.team.role} description={roleOf(form.values.role)?.may} inputWrapperOrder={['label', 'input', 'description', 'error']} data={roles} allowDeselect={false} {...form.getInputProps('role')} />
      </div>
      <Button type="submit" leftSection={<UserPlus size={14} />} loading={add.isPending || link.isPending} style={{ justifySelf: 'start' }}>
        {t.invite.doIt}
      </Button>
    </form>
  )
}

const RolesCard = () => (
  <section className="card" aria-label={t.roles.title}>
    <div className="card-head">
      <h2>{t.roles.title}</h2>
      <span className="dim">{t.roles.note}</span>
    </div>
    <table className="table">
      <tbody>
        {roles.map(({ value, label, may }) => (
          <tr key={value}>
            <th scope="row">{label}</th>
            <td className="dim">{may}</td>
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)
