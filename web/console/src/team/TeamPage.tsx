import { useAddPerson, useChangePerson, useMay, usePasswordLink, useRemovePerson, useSession, useTeam, type Person, type Role } from '@aisle/api'
import { ago, CopyId, dateTime, Empty, Status, useNow, type State } from '@aisle/ui'
import { ActionIcon, Button, Menu, Select, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { modals } from '@mantine/modals'
import { Ellipsis, KeyRound, Trash2, UserRoundCheck, UserRoundX, UserPlus } from 'lucide-react'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'
import { roleOf, roles } from './roles'

/** Who may sign in. */
export default function TeamPage() {
  const may = useMay('admin')
  return (
    <Page title="Team" note="Who may sign in, and what they may do.">
      {may ? (
        <>
          <Loaded of={useTeam()} height={200}>
            {(people) => <TeamTable people={people} />}
          </Loaded>
          <AddPersonForm />
        </>
      ) : (
        <div className="card">
          <Empty title="Only admins see the team">Ask an admin to let somebody sign in, or to change what you may do.</Empty>
        </div>
      )}
      <RolesCard />
    </Page>
  )
}

const stateOf = (person: Person, now: number): State => {
  if (person.disabled) return { word: 'Disabled', tone: 'none' }
  if (person.invited && Date.parse(person.invited) > now) return { word: 'Has a link', tone: 'warn' }
  return { word: 'May sign in', tone: 'good' }
}

/** Shows a link that somebody is handed, once. */
const showLink = (name: string, { link, until }: { link: string; until: string }) =>
  modals.open({
    title: `A link for ${name}`,
    children: (
      <div className="stack">
        <p className="dim">They set their password by it, once, until {dateTime(until)}. Hand it over yourself: whoever has it can sign in as them.</p>
        <CopyId value={link} label="link" />
      </div>
    ),
  })

function TeamTable({ people }: { people: Person[] }) {
  const me = useSession().data?.person?.id
  const now = useNow(60_000)
  return (
    <section className="card" aria-label="People who may sign in">
      <div className="scroll">
        <table className="table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">E-mail</th>
              <th scope="col">Role</th>
              <th scope="col">State</th>
              <th scope="col" className="n">
                Seen
              </th>
              <th scope="col" className="n">
                <span className="hidden">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {people.map((person) => (
              <tr key={person.id}>
                <td className="strong">
                  {person.name}
                  {person.id === me && <span className="dim"> (you)</span>}
                </td>
                <td>
                  {person.email}
                  {person.provided && <span className="dim small"> · by the identity provider</span>}
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
    change.mutate(
      { id: person.id, name: person.name, role: chosen.value, disabled: person.disabled ?? false },
      { onSuccess: () => done(`${person.name} is ${chosen.label.toLowerCase()} now.`), onError: failed },
    )
  }
  return <Select aria-label={`Role of ${person.name}`} data={roles} value={person.role} onChange={choose} allowDeselect={false} disabled={change.isPending} w={130} />
}

function Actions({ person }: { person: Person }) {
  const change = useChangePerson()
  const remove = useRemovePerson()
  const link = usePasswordLink()
  const put = (disabled: boolean) =>
    change.mutate(
      { id: person.id, name: person.name, role: person.role, disabled },
      { onSuccess: () => done(disabled ? `${person.name} may sign in no more.` : `${person.name} may sign in again.`), onError: failed },
    )
  const ask = () =>
    modals.openConfirmModal({
      title: `Remove ${person.name}?`,
      children: <p className="dim">Their sessions end at once. What they did stays in the history. To keep them from signing in for a while, disable them.</p>,
      labels: { confirm: 'Remove', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(person.id, { onSuccess: () => done(`${person.name} may sign in no more.`), onError: failed }),
    })
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <ActionIcon aria-label={`What can be done with ${person.name}`}>
          <Ellipsis size={14} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!person.disabled && (
          <Menu.Item leftSection={<KeyRound size={14} />} onClick={() => link.mutate(person.id, { onSuccess: (made) => showLink(person.name, made), onError: failed })}>
            Link to set a password
          </Menu.Item>
        )}
        {person.disabled ? (
          <Menu.Item leftSection={<UserRoundCheck size={14} />} onClick={() => put(false)}>
            Let them in again
          </Menu.Item>
        ) : (
          <Menu.Item leftSection={<UserRoundX size={14} />} onClick={() => put(true)}>
            Disable, and sign them out
          </Menu.Item>
        )}
        <Menu.Item color="red" leftSection={<Trash2 size={14} />} onClick={ask}>
          Remove
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
      name: (name) => (name.trim() ? null : 'Their name'),
      email: (email) => (email.includes('@') ? null : 'Their e-mail address'),
    },
  })
  const send = form.onSubmit((values) =>
    add.mutate(values, {
      onSuccess: ({ id, name }) => {
        form.reset()
        link.mutate(id, { onSuccess: (made) => showLink(name, made), onError: failed })
      },
      onError: (error) => {
        const fields = fieldErrors(error)
        form.setErrors(fields)
        if (Object.keys(fields).length === 0) failed(error)
      },
    }),
  )
  return (
    <form className="card block" onSubmit={send} noValidate aria-label="Invite somebody">
      <h2>Invite somebody</h2>
      <p className="dim">You get a link to hand over; by it they choose their own password.</p>
      <div className="fields">
        <TextInput className="w4" label="Name" required autoComplete="off" {...form.getInputProps('name')} />
        <TextInput className="w4" label="E-mail" type="email" required autoComplete="off" {...form.getInputProps('email')} />
        <Select className="w4" label="Role" description={roleOf(form.values.role)?.may} data={roles} allowDeselect={false} {...form.getInputProps('role')} />
      </div>
      <Button type="submit" leftSection={<UserPlus size={14} />} loading={add.isPending || link.isPending} style={{ justifySelf: 'start' }}>
        Invite them
      </Button>
    </form>
  )
}

const RolesCard = () => (
  <section className="card" aria-label="What each role may do">
    <div className="card-head">
      <h2>What each role may do</h2>
      <span className="dim">each also what those above it may</span>
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
