import { useAddPerson, useMay, useRemovePerson, useSession, useTeam, type Person, type Role } from '@aisle/api'
import { Empty } from '@aisle/ui'
import { ActionIcon, Button, PasswordInput, Select, TextInput, Tooltip } from '@mantine/core'
import { useForm } from '@mantine/form'
import { modals } from '@mantine/modals'
import { Trash2, UserPlus } from 'lucide-react'
import { fieldErrors } from '../errors'
import { Loaded, Page } from '../Page'
import { done, failed } from '../say'

const roles: { value: Role; label: string; may: string }[] = [
  { value: 'viewer', label: 'Viewer', may: 'looks at everything, changes nothing' },
  { value: 'staff', label: 'Staff', may: 'the shop now, and forgetting a face' },
  { value: 'marketer', label: 'Marketer', may: 'campaigns, shops, sources, personal links' },
  { value: 'admin', label: 'Admin', may: 'everything, and who may sign in' },
]

/** Who may sign in. */
export default function TeamPage() {
  const may = useMay('admin')
  return (
    <Page title="Team" note="Who may sign in, and what they may do." narrow>
      {may ? (
        <Everybody />
      ) : (
        <div className="card">
          <Empty title="Only admins see the team">Ask an admin to let somebody sign in, or to change what you may do.</Empty>
        </div>
      )}
    </Page>
  )
}

const Everybody = () => (
  <>
    <Loaded of={useTeam()} height={200}>
      {(people) => <TeamTable people={people} />}
    </Loaded>
    <AddPersonForm />
  </>
)

function TeamTable({ people }: { people: Person[] }) {
  const me = useSession().data?.person?.id
  const remove = useRemovePerson()
  const ask = (person: Person) =>
    modals.openConfirmModal({
      title: `Let ${person.name} sign in no more?`,
      children: <p className="dim">Their sessions end at once. What they did stays in the history.</p>,
      labels: { confirm: 'Remove', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => remove.mutate(person.id, { onSuccess: () => done(`${person.name} may sign in no more.`), onError: failed }),
    })
  return (
    <section className="card" aria-label="People who may sign in">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">E-mail</th>
            <th scope="col">Role</th>
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
              <td>{person.email}</td>
              <td>
                {roles.find(({ value }) => value === person.role)?.label}
                <br />
                <span className="dim small">{roles.find(({ value }) => value === person.role)?.may}</span>
              </td>
              <td className="n">
                {person.id !== me && (
                  <Tooltip label="Remove">
                    <ActionIcon aria-label={`Remove ${person.name}`} onClick={() => ask(person)}>
                      <Trash2 size={14} />
                    </ActionIcon>
                  </Tooltip>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

function AddPersonForm() {
  const add = useAddPerson()
  const form = useForm<{ name: string; email: string; password: string; role: Role }>({
    initialValues: { name: '', email: '', password: '', role: 'marketer' },
    validate: {
      name: (name) => (name.trim() ? null : 'Their name'),
      email: (email) => (email.includes('@') ? null : 'Their e-mail address'),
      password: (password) => (password.length >= 10 ? null : 'At least 10 letters'),
    },
  })
  const send = form.onSubmit((values) =>
    add.mutate(values, {
      onSuccess: ({ name }) => {
        done(`${name} may sign in.`)
        form.reset()
      },
      onError: (error) => {
        const fields = fieldErrors(error)
        form.setErrors(fields)
        if (Object.keys(fields).length === 0) failed(error)
      },
    }),
  )
  return (
    <form className="card block" onSubmit={send} noValidate aria-label="Let somebody sign in">
      <h2>Let somebody sign in</h2>
      <div className="fields">
        <TextInput className="w6" label="Name" required autoComplete="off" {...form.getInputProps('name')} />
        <TextInput className="w6" label="E-mail" type="email" required autoComplete="off" {...form.getInputProps('email')} />
        <PasswordInput className="w6" label="First password" description="At least 10 letters; tell it to them in person" required autoComplete="new-password" visibilityToggleButtonProps={{ 'aria-label': 'Show the password' }} {...form.getInputProps('password')} />
        <Select className="w6" label="Role" description={roles.find(({ value }) => value === form.values.role)?.may} data={roles} {...form.getInputProps('role')} />
      </div>
      <Button type="submit" leftSection={<UserPlus size={14} />} loading={add.isPending} style={{ justifySelf: 'start' }}>
        Add them
      </Button>
    </form>
  )
}
