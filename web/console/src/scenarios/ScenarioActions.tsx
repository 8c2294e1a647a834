import { useDeleteScenario, useSetScenarioStatus, type Scenario, type Step } from '@aisle/api'
import { useNavigate } from '@tanstack/react-router'
import { LifeActions, type Question } from '../LifeActions'

const questions: Record<Step | 'remove', Question> = {
  live: { title: 'Send this scenario live?', says: 'From now on it follows shoppers, within their consents, and wakes what waits for it.', yes: 'Send it live', did: 'is live', color: 'iris' },
  pause: { title: 'Pause this scenario?', says: 'Shoppers who are in it drop out. When it is sent live again, they begin anew.', yes: 'Pause it', did: 'is paused', color: 'iris' },
  archive: { title: 'Archive this scenario?', says: 'It follows nobody any more and cannot be changed.', yes: 'Archive it', did: 'is archived', color: 'red' },
  remove: { title: 'Remove this scenario?', says: 'It is gone for good, with its history.', yes: 'Remove it', did: 'is removed', color: 'red' },
}

/** What can be done with a scenario where it stands. */
export function ScenarioActions({ scenario: { id, name, status } }: { scenario: Scenario }) {
  const set = useSetScenarioStatus()
  const remove = useDeleteScenario()
  const navigate = useNavigate()
  return (
    <LifeActions
      name={name}
      status={status}
      questions={questions}
      setting={set.isPending}
      set={(to, outcome) => set.mutate({ scenario: id, status: to }, outcome)}
      remove={(outcome) => remove.mutate(id, outcome)}
      onCopy={() => void navigate({ to: '/scenarios/new', search: { template: `copy:${id}` } })}
      onRemoved={() => void navigate({ to: '/scenarios' })}
    />
  )
}
