import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { atOnce, removeAtOnce, shelf } from './atOnce'
import { stateAfter, type Step } from './campaigns'
import { answer, api } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Scenario = Schemas['Scenario']
export type ScenarioDraft = Schemas['ScenarioDraft']
export type ScenarioStep = Schemas['ScenarioStep']
export type ScenarioStepCount = Schemas['ScenarioStepCount']
export type ScenarioWithCounts = Schemas['ScenarioWithCounts']
export type ScenarioVersion = Schemas['ScenarioVersion']
export type ScenarioTemplate = Schemas['ScenarioTemplate']
export type ScenarioTry = Schemas['ScenarioTry']
export type ScenarioMoment = Schemas['ScenarioMoment']

const scenariosKey = ['scenarios']

/** All scenarios with what became of shoppers at each step, counted again each five seconds. */
export const useScenarios = () =>
  useQuery({
    queryKey: scenariosKey,
    queryFn: ({ signal }) => answer(api.GET('/api/scenarios', { signal })),
    select: (body) => body.scenarios,
    refetchInterval: 5_000,
  })

export const useScenario = (scenario: string) =>
  useQuery({
    queryKey: [...scenariosKey, scenario],
    queryFn: ({ signal }) => answer(api.GET('/api/scenarios/{scenario}', { params: { path: { scenario } }, signal })),
    refetchInterval: 5_000,
  })

export const useScenarioHistory = (scenario: string) =>
  useQuery({
    queryKey: [...scenariosKey, scenario, 'history'],
    queryFn: ({ signal }) => answer(api.GET('/api/scenarios/{scenario}/history', { params: { path: { scenario } }, signal })),
    select: (body) => body.versions,
  })

export const useScenarioTemplates = () =>
  useQuery({
    queryKey: ['scenario templates'],
    queryFn: ({ signal }) => answer(api.GET('/api/scenarios/templates', { signal })),
    select: (body) => body.templates,
    staleTime: Infinity,
  })

/** A draft of a template, which is not kept. */
export const useMakeScenario = () =>
  useMutation({
    mutationFn: ({ template, parameters }: { template: string; parameters: Record<string, string> }) =>
      answer(api.POST('/api/scenarios/templates/{template}', { params: { path: { template } }, body: { parameters } })),
  })

/** What would happen if a scenario were live. Nothing is kept. */
export const useTryScenario = () => useMutation({ mutationFn: (body: ScenarioTry) => answer(api.POST('/api/scenarios/try', { body })) })

function useChanged() {
  const client = useQueryClient()
  return () => client.invalidateQueries({ queryKey: scenariosKey })
}

export function useCreateScenario() {
  const onSuccess = useChanged()
  return useMutation({ mutationFn: (body: ScenarioDraft) => answer(api.POST('/api/scenarios', { body })), onSuccess })
}

/** Changes a scenario; 409 if somebody else did since it was read, and then what they wrote is read before it is said. */
export function useSaveScenario() {
  const onSettled = useChanged()
  return useMutation({
    mutationFn: (body: Scenario) => answer(api.PUT('/api/scenarios/{scenario}', { params: { path: { scenario: body.id } }, body })),
    onSettled,
  })
}

const scenarioShelf = (client: QueryClient) => shelf<ScenarioWithCounts>(client, 'scenarios', ({ scenario }) => scenario.id)

/** The list and the page show it at once. */
export function useSetScenarioStatus() {
  const client = useQueryClient()
  const onSuccess = useChanged()
  const call = ({ scenario, status }: { scenario: string; status: Step }) => answer(api.POST('/api/scenarios/{scenario}/{status}', { params: { path: { scenario, status } } }))
  return useMutation({
    onSuccess,
    ...atOnce(client, scenariosKey, call, ({ scenario, status }) => scenarioShelf(client).change(scenario, (one) => ({ ...one, scenario: { ...one.scenario, status: stateAfter[status] } }))),
  })
}

export function useDeleteScenario() {
  const client = useQueryClient()
  const changed = useChanged()
  return useMutation(removeAtOnce(client, 'scenarios', scenarioShelf(client).drop, (scenario) => answer(api.DELETE('/api/scenarios/{scenario}', { params: { path: { scenario } } })), changed))
}

/** Brings back what was removed, as it stood, with its history. */
export function useRestoreScenario() {
  const onSuccess = useChanged()
  return useMutation({
    mutationFn: async (body: Scenario) => {
      await answer(api.POST('/api/scenarios', { body }))
      if (body.status === 'archived') await answer(api.POST('/api/scenarios/{scenario}/{status}', { params: { path: { scenario: body.id, status: 'archive' } } }))
    },
    onSuccess,
  })
}
