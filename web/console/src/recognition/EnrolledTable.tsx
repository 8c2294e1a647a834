import { faceConsents, useForgetFace, useMay, useNotThisPerson, type EnrolledPerson, type Seen } from '@aisle/api'
import { ago, dateTime, Empty, percent, plural, useNow } from '@aisle/ui'
import { Button, Menu } from '@mantine/core'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { ChevronDown } from 'lucide-react'
import { done, failed } from '../say'

const nameOf = ({ name, label }: EnrolledPerson) => name ?? `Shopper ${label}`
const dayOf = (time: string) => new Date(time).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' })

/** Who is enrolled. There are no pictures: none are kept. */
export function EnrolledTable({ people, enrolled }: { people: EnrolledPerson[]; enrolled: number }) {
  const now = useNow(10_000)
  return (
    <section className="card" aria-label="Who is enrolled">
      <div className="card-head">
        <h2>Who is enrolled</h2>
        <span className="dim">no picture of anybody is kept{people.length < enrolled ? `; the newest ${people.length} of ${enrolled}` : ''}</span>
      </div>
      {people.length === 0 ? (
        <Empty title="Nobody is enrolled">Shoppers enrol by their own phone, after they read and signed a notice. Until then the cameras count visitors, and know nobody.</Empty>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Shopper</th>
                <th scope="col">Enrolled</th>
                <th scope="col">By which consent</th>
                <th scope="col">Last recognised</th>
                <th scope="col">Deleted at the latest</th>
                <th scope="col" className="n">
                  Not theirs
                </th>
                <th scope="col" className="n">
                  <span className="hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {people.map((person) => (
                <tr key={person.shopper}>
                  <td>
                    <Link to="/people/$shopper" params={{ shopper: person.shopper }} className="strong">
                      {nameOf(person)}
                    </Link>
                    <br />
                    <span className="dim small">{plural(person.vectors, 'description')}</span>
                  </td>
                  <td title={dateTime(person.at)}>{ago(person.at, now)}</td>
                  <td>
                    {person.signed ? (
                      <>
                        Notice {person.notice} <span className="dim">({person.language})</span>
                        <br />
                        <span className="dim small">signed {dateTime(person.signed)}</span>
                      </>
                    ) : (
                      <span className="dim">from before consents were signed</span>
                    )}
                  </td>
                  <td>{person.recognised ? ago(person.recognised, now) : <span className="dim">never</span>}</td>
                  <td className="num">{dayOf(person.expires)}</td>
                  <td className="n">{person.negatives}</td>
                  <td className="n">
                    <Actions person={person} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

function Actions({ person }: { person: EnrolledPerson }) {
  const now = useNow(10_000)
  const staff = useMay('staff', 'marketer', 'admin')
  const marketer = useMay('marketer', 'admin')
  const wrong = useNotThisPerson()
  const forget = useForgetFace()
  const name = nameOf(person)
  const askWrong = (seen: Seen) =>
    modals.openConfirmModal({
      title: `Was it not ${name}?`,
      children: (
        <p className="dim">
          The face that {seen.zone_name ?? seen.shop_name} saw {ago(seen.at, now)} is kept for 90 days, sealed and without a name, as one that is not {name}’s. The same face is not taken for {name} again.
        </p>
      ),
      labels: { confirm: 'It was somebody else', cancel: 'Cancel' },
      onConfirm: () => wrong.mutate({ shopper: person.shopper, id: seen.id }, { onSuccess: () => done(`Noted: that was not ${name}.`), onError: failed }),
    })
  const askForget = () =>
    modals.openConfirmModal({
      title: `Delete the face of ${name}?`,
      children: <p className="dim">Their consent to be recognised ends, and all that describes their face is deleted everywhere within a minute. They find the signed receipt in their app.</p>,
      labels: { confirm: 'Delete', cancel: 'Cancel' },
      confirmProps: { color: 'red' },
      onConfirm: () => forget.mutate(person.shopper, { onSuccess: () => done(`The face of ${name} is deleted.`), onError: failed }),
    })
  const download = () => faceConsents(person.shopper).then((all) => save(`consents-${person.shopper}.json`, all), failed)
  if (!staff) return null
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button variant="default" size="compact-sm" rightSection={<ChevronDown size={12} aria-hidden />} aria-label={`${name}: what to do`}>
          {person.seen.length > 0 ? `Seen ${person.seen.length} ×` : 'More'}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{person.seen.length > 0 ? 'Recognised in the last 24 hours' : 'Not recognised in the last 24 hours'}</Menu.Label>
        {person.seen.map((seen) => (
          <Menu.Item key={seen.id} onClick={() => askWrong(seen)}>
            Not this person: {ago(seen.at, now)}, {percent(seen.confidence, 0)} sure
          </Menu.Item>
        ))}
        <Menu.Divider />
        {marketer && person.consent && <Menu.Item onClick={download}>Download what they signed</Menu.Item>}
        <Menu.Item color="red" onClick={askForget}>
          Delete their face…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

/** Lets the browser keep a value as a file. */
function save(name: string, value: unknown) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([JSON.stringify(value, null, 2)], { type: 'application/json' }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
