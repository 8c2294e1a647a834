import { faceConsents, useForgetFace, useMay, useNotThisPerson, type EnrolledPerson, type Seen } from '@aisle/api'
import { ago, dateTime, Empty, locale, percent, useNow } from '@aisle/ui'
import { Button, Menu } from '@mantine/core'
import { modals } from '@mantine/modals'
import { Link } from '@tanstack/react-router'
import { ChevronDown } from 'lucide-react'
import { done, failed } from '../say'
import { t as house } from '../words'
import { t } from './words'

const nameOf = ({ name, label }: EnrolledPerson) => name ?? t.people.unnamed(label)
const dayOf = (time: string) => new Date(time).toLocaleDateString(locale, { day: 'numeric', month: 'short', year: 'numeric' })

/** Who is enrolled. There are no pictures: none are kept. */
export function EnrolledTable({ people, enrolled }: { people: EnrolledPerson[]; enrolled: number }) {
  const now = useNow(10_000)
  return (
    <section className="card" aria-label={t.people.title}>
      <div className="card-head">
        <h2>{t.people.title}</h2>
        <span className="dim">
          {t.people.note}
          {people.length < enrolled && t.people.newest(people.length, enrolled)}
        </span>
      </div>
      {people.length === 0 ? (
        <Empty title={t.people.none}>{t.people.noneMore}</Empty>
      ) : (
        <div className="scroll">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">{t.people.shopper}</th>
                <th scope="col">{t.people.enrolled}</th>
                <th scope="col">{t.people.consent}</th>
                <th scope="col">{t.people.recognised}</th>
                <th scope="col">{t.people.expires}</th>
                <th scope="col" className="n">
                  {t.people.negatives}
                </th>
                <th scope="col" className="n">
                  <span className="hidden">{t.people.actions}</span>
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
                    <span className="dim small">{t.people.descriptions(person.vectors)}</span>
                  </td>
                  <td title={dateTime(person.at)}>{ago(person.at, now)}</td>
                  <td>
                    {person.signed ? (
                      <>
                        {t.people.notice(person.notice ?? '')} <span className="dim">({person.language})</span>
                        <br />
                        <span className="dim small">{t.people.signed(dateTime(person.signed))}</span>
                      </>
                    ) : (
                      <span className="dim">{t.people.unsigned}</span>
                    )}
                  </td>
                  <td>{person.recognised ? ago(person.recognised, now) : <span className="dim">{t.people.never}</span>}</td>
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
      title: t.wrong.title(name),
      children: (
        <p className="dim">{t.wrong.more(seen.zone_name ?? seen.shop_name, ago(seen.at, now), name)}</p>
      ),
      labels: { confirm: t.wrong.doIt, cancel: house.cancel },
      onConfirm: () => void wrong.mutateAsync({ shopper: person.shopper, id: seen.id }).then(() => done(t.wrong.done(name)), failed),
    })
  const askForget = () =>
    modals.openConfirmModal({
      title: t.forget.title(name),
      children: <p className="dim">{t.forget.more}</p>,
      labels: { confirm: t.forget.doIt, cancel: house.cancel },
      confirmProps: { color: 'red' },
      onConfirm: () => void forget.mutateAsync(person.shopper).then(() => done(t.forget.done(name)), failed),
    })
  const download = () => faceConsents(person.shopper).then((all) => save(`consents-${person.shopper}.json`, all), failed)
  if (!staff) return null
  return (
    <Menu position="bottom-end" width={260}>
      <Menu.Target>
        <Button variant="default" size="compact-sm" rightSection={<ChevronDown size={12} aria-hidden />} aria-label={t.actions.label(name)}>
          {person.seen.length > 0 ? t.actions.seen(person.seen.length) : house.more}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{person.seen.length > 0 ? t.actions.lately : t.actions.notLately}</Menu.Label>
        {person.seen.map((seen) => (
          <Menu.Item key={seen.id} onClick={() => askWrong(seen)}>
            {t.actions.notThem(ago(seen.at, now), percent(seen.confidence, 0))}
          </Menu.Item>
        ))}
        <Menu.Divider />
        {marketer && person.consent && <Menu.Item onClick={download}>{t.actions.download}</Menu.Item>}
        <Menu.Item color="red" onClick={askForget}>
          {t.actions.forget}
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
