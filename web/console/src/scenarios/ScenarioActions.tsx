import { useDeleteScenario, useRestoreScenario, useSetScenarioStatus, type Scenario, type Step } from '@aisle/api'
import { useNavigate } from '@tanstack/react-router'
import { LifeActions, type Question } from '../LifeActions'
import { t } from './words'

const questions: Record<Step | 'remove', Question> = {
  live: { ...t.actions.live, color: 'iris' },
  pause: { ...t.actions.pause, color: 'iris' },
  archive: { ...t.actions.archive, color: 'red' },
  remove: { ...t.actions.remove, color: 'red' },
}

/** What can be done with a scenario where it stands. */
export function ScenarioActions({ scenario }: { scenario: Scenario }) {
  const { id, name, status } = scenario
  const set = useSetScenarioStatus()
  const remove = useDeleteScenario()
  const restore = useRestoreScenario()
  const navigate = useNavigate()
  return (
    <LifeActions
      name={name}
      status={status}
      questions={questions}
      setting={set.isPending}
      set={(to) => set.mutateAsync({ scenario: id, status: to })}
      remove={() => remove.mutateAsync(id)}
      restore={() => restore.mutateAsync(scenario)}
      onCopy={() => void navigate({ to: '/scenarios/new', search: { template: `copy:${id}` } })}
      onRemove={() => void navigate({ to: '/scenarios', ignoreBlocker: true })}
    />
  )
}
